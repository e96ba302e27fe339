package gateway

import (
	"context"
	"io"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"metr/internal/model"
)

// traced makes a span of each call, after OpenTelemetry's conventions for
// generative AI. What was said is not in it.
type traced struct {
	next   Doer
	tracer trace.Tracer
}

// otelProvider is what the conventions call our providers, where they have a
// name for them.
var otelProvider = map[string]string{"google": "gcp.gemini", "azure": "azure.ai.openai"}

func (d traced) Do(ctx context.Context, c *Call) (*Reply, error) {
	s := c.Attempt.spec
	op := map[model.Protocol]string{model.Completions: "text_completion", model.Gemini: "generate_content"}[c.Protocol]
	if op == "" {
		op = "chat"
	}
	provider := s.Model.Provider
	if p, ok := otelProvider[provider]; ok {
		provider = p
	}
	ctx, span := d.tracer.Start(ctx, op+" "+s.Model.Model, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("gen_ai.operation.name", op),
		attribute.String("gen_ai.provider.name", provider),
		attribute.String("gen_ai.request.model", s.Model.Model),
		attribute.String("metr.attempt", s.ID),
		attribute.String("metr.protocol", string(c.Protocol)),
	))
	if c.control.max > 0 {
		span.SetAttributes(attribute.Int64("gen_ai.request.max_tokens", c.control.max))
	}
	if c.control.effort != "" {
		span.SetAttributes(attribute.String("metr.request.effort", c.control.effort))
	}
	rep, err := d.next.Do(ctx, c)
	if err != nil {
		span.SetStatus(codes.Error, c.Attempt.gate.scrub.text(err.Error()))
		span.SetAttributes(attribute.String("error.type", "failed"))
		span.End()
		return nil, err
	}
	inner := rep.Body
	var broke error
	rep.Body = body{func(p []byte) (int, error) {
		n, err := inner.Read(p)
		if err != nil && err != io.EOF {
			broke = err
		}
		return n, err
	}, func() error {
		err := inner.Close()
		endSpan(span, c, rep, broke)
		return err
	}}
	return rep, nil
}

func endSpan(span trace.Span, c *Call, rep *Reply, broke error) {
	r := rep.Reading
	switch {
	case rep.Refused != "":
		span.SetStatus(codes.Error, rep.Reason)
		span.SetAttributes(attribute.String("error.type", string(rep.Refused)))
	case !rep.ok():
		span.SetStatus(codes.Error, "")
		span.SetAttributes(attribute.String("error.type", strconv.Itoa(rep.Status)))
	case broke != nil:
		span.SetStatus(codes.Error, c.Attempt.gate.scrub.text(broke.Error()))
		span.SetAttributes(attribute.String("error.type", string(Broken)))
	}
	if r.Model != "" {
		span.SetAttributes(attribute.String("gen_ai.response.model", r.Model))
	}
	if r.ID != "" {
		span.SetAttributes(attribute.String("gen_ai.response.id", r.ID))
	}
	if r.Finish != "" {
		span.SetAttributes(attribute.StringSlice("gen_ai.response.finish_reasons", []string{r.Finish}))
	}
	if r.Metered {
		span.SetAttributes(
			attribute.Int64("gen_ai.usage.input_tokens", r.Usage.Input),
			attribute.Int64("gen_ai.usage.output_tokens", r.Usage.Output),
			attribute.Int64("gen_ai.usage.cache_read.input_tokens", r.Usage.Cached),
			attribute.Int64("gen_ai.usage.cache_creation.input_tokens", r.Usage.CacheWrite),
		)
	}
	span.SetAttributes(attribute.Int("metr.tries", c.tries))
	span.End()
}
