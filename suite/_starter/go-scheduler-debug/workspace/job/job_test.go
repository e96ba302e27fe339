package job

import (
	"slices"
	"testing"
)

func TestJobFromTemplate(t *testing.T) {
	base := NewTemplate()
	base.Need("checkout")
	base.Set("REGION", "eu")
	api := base.Job("api")
	api.Need("schema")
	api.Set("PORT", "80")
	if !slices.Equal(api.Needs, []string{"checkout", "schema"}) {
		t.Errorf("Needs = %q", api.Needs)
	}
	if api.Env["REGION"] != "eu" || api.Env["PORT"] != "80" {
		t.Errorf("Env = %v", api.Env)
	}
	if web := base.Job("web"); len(web.Needs) != 1 || len(web.Env) != 1 {
		t.Errorf("web has %q and %v", web.Needs, web.Env)
	}
}
