package oracle

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"metr/internal/sandbox/none"
	"metr/internal/task"
)

const cartPy = `
import enum, os
from collections import namedtuple
from . import errors

LIMIT = 100
Line = namedtuple("Line", "name n price")

class Kind(enum.Enum):
    PEN = 1
    INK = 2

class Liar:
    def __eq__(self, o): return True

class Cart:
    def __init__(self, on_add=None):
        self.items, self.on_add, self.closed = {}, on_add, False
    def add(self, name, n, *, price):
        self.items[name] = (n, price)
        if self.on_add: return self.on_add(name, n)
    def total(self): return float(sum(n * p for n, p in self.items.values()))
    def line(self, *a): return Line(*a)
    def me(self): return self
    def checkout(self):
        if not self.items: raise errors.EmptyError(7)
    def __len__(self): return len(self.items)
    def __iter__(self): return iter(self.items)
    def __contains__(self, k): return k in self.items
    def __getitem__(self, k): return self.items[k]
    def __str__(self): return ", ".join(f"{k} x{n}" for k, (n, _) in self.items.items())
    def __enter__(self): return self
    def __exit__(self, *a): self.closed = True

def numbers():
    n = 0
    while True:
        yield n
        n += 1

async def fetch(n):
    import asyncio
    await asyncio.sleep(0)
    return n * 2

def sort_in_place(v): v.sort()
def twice(x): return x * 2
def total_of(v): return sum(v)
def die(): os._exit(3)
`

const errorsPy = `
class ShopError(Exception): pass
class EmptyError(ShopError, ValueError):
    def __init__(self, code):
        super().__init__("nothing in the cart")
        self.code = code
`

func TestFolder(t *testing.T) {
	py := NewPython(none.Backend{})
	defer py.Close()
	file := func(s string) task.File { return task.File{Mode: 0o644, Data: []byte(s)} }
	after := task.Tree{"shop/__init__.py": file(""), "shop/cart.py": file(cartPy), "shop/errors.py": file(errorsPy)}
	before := after.Clone()
	before["shop/cart.py"] = file(strings.Replace(cartPy, "return x * 2", "return x * 2 + 1", 1))
	tests := task.Tree{}
	for _, name := range []string{"test_cart.py", "test_lost.py"} {
		data, err := os.ReadFile("testdata/shop/" + name)
		if err != nil {
			t.Fatal(err)
		}
		tests["hidden/"+name] = task.File{Data: data}
	}
	res, err := py.Folder(context.Background(), Folder{
		Tests: tests, Before: before, After: after, Limits: task.Limits{CPU: 20 * time.Second},
	}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, x := range res.Tests {
		fmt.Fprintf(&got, "%s %s %s %s\n", x.Name, x.Label, x.Status, x.Message)
	}
	want := `test_arguments_change typical pass 
test_callback_asks_back typical pass 
test_context_and_generators typical pass 
test_edge_named_tuple_and_enum edge pass 
test_error_classes error pass 
test_exploit_nothing exploit pass 
test_identity typical pass 
test_state_callbacks state pass 
CartTest.test_subtests typical pass 
test_total typical pass 
OtherTest.test_subtests typical pass 
test_a_dies typical fail the program ended: exit status 3
test_b_lives_again typical pass 
test_c_swallowed typical fail the program ended: exit status 3
test_edge_before edge pass 
test_skipped typical fail skipped: not today
test_speed typical pass 
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
	if len(res.Pairs) != 1 || len(res.Pairs[0].Rows) != 3 || res.Pairs[0].Rows[0][0] != 1000 {
		t.Errorf("pairs: %v", res.Pairs)
	}
}
