// Command subject shows the candidate's slugs and sites to the judge.
package main

import (
	"example.com/notebook/site"
	"example.com/notebook/slug"
)

func main() {
	serve(table{
		"Make":    slug.Make,
		"NewSite": func() *site.Site { return new(site.Site) },
	})
}
