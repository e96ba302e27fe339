package native

// Init is kept while callers still name it: package boxinit works by itself.
func Init() {}
