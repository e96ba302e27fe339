package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
)

// An attempt's listener lies in its box; here it is a test server. The agent
// gets the address and the token, and nothing else.
func Example() {
	srv, err := standin.Start(standin.Steps(standin.Turn{Text: "42", Usage: standin.Usage{Input: 1000, Output: 10}}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Close()

	name, _ := model.Parse("openai/gpt-5@high")
	provider, _ := model.Lookup(name.Provider, srv.URL+"/v1", func(string) string { return "the-real-key" })
	table, _ := model.Table()
	price, _ := table.Find(name)

	gate := gateway.New(gateway.Config{Run: gateway.NewBudget(gateway.Limit{USD: 5 * model.Dollar})})
	attempt, err := gate.Open(gateway.Spec{
		ID: "codex task-1 1", Scope: "task-1/1", Model: name, Provider: provider, Price: &price,
		Limit: gateway.Limit{USD: model.Dollar, Calls: 50},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	listener := httptest.NewServer(attempt) // http.Serve(listenerInTheBox, attempt)
	defer listener.Close()

	// The agent:
	req, _ := http.NewRequest(http.MethodPost, listener.URL+"/v1/responses", strings.NewReader(`{"model":"gpt-5","input":"6 x 7","reasoning":{"effort":"high"}}`))
	req.Header.Set("Authorization", "Bearer "+attempt.Token())
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, _ := io.ReadAll(res.Body)
	res.Body.Close()
	fmt.Println(res.StatusCode, strings.Contains(string(b), `"text":"42"`))

	attempt.Close()
	s := attempt.Summary()
	fmt.Println(s.Calls, s.Usage.Input, s.Usage.Output, *s.Cost, s.Efforts)
	// Output:
	// 200 true
	// 1 1000 10 0.00135 [reasoning.effort=high]
}
