package render

import (
	"errors"
	"fmt"
	"html/template"
	"text/template/parse"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

const (
	// templateName is how the engine calls the template in its errors.
	templateName = "template"
	// maxBlocks is how deeply blocks may nest.
	maxBlocks = 200
	// maxRanges is how deeply loops may nest: the engine's analysis of where it
	// must escape doubles its work with each level.
	maxRanges = 6
)

var errProbe = errors.New("the probe of a template writes nothing")

// htmlProgram is a parsed and analysed html/template.
type htmlProgram struct{ template *template.Template }

func parseHTML(source string, limit int) (program, error) {
	t, err := template.New(templateName).Funcs(functions(limit)).Parse(source)
	if err != nil {
		return nil, htmlFault(err)
	}
	for _, part := range t.Templates() {
		if part.Tree == nil || part.Tree.Root == nil {
			continue
		}
		if err := prepare(part.Tree.Root); err != nil {
			return nil, err
		}
	}
	// The engine looks for places that cannot be escaped safely when a template
	// is used first. Use it here, on a writer that refuses the first write.
	if err := t.Execute(probe{}, nil); err != nil && !errors.Is(err, errProbe) {
		return nil, htmlFault(err)
	}
	return htmlProgram{t}, nil
}

func (p htmlProgram) fill(out *output, data payload.Value) error {
	if err := p.template.Execute(out, htmlData(data)); err != nil {
		return htmlFault(err)
	}
	return nil
}

// probe is a writer that refuses everything.
type probe struct{}

func (probe) Write([]byte) (int, error) { return 0, errProbe }

// prepare checks the nesting below a template's root and puts an empty text at
// the start of the template and of each loop's body. The engine writes that
// text each time it passes, which is what makes output.Write see every turn.
func prepare(root *parse.ListNode) error {
	root.Nodes = append([]parse.Node{&parse.TextNode{NodeType: parse.NodeText, Pos: root.Pos}}, root.Nodes...)
	return prepareList(root, 1, 0)
}

func prepareList(list *parse.ListNode, blocks, ranges int) error {
	if list == nil {
		return nil
	}
	if blocks > maxBlocks || ranges > maxRanges {
		return fault.New(fault.Invalid, "the template nests deeper than %d blocks or %d loops", maxBlocks, maxRanges)
	}
	for _, n := range list.Nodes {
		var err error
		switch n := n.(type) {
		case *parse.RangeNode:
			n.List.Nodes = append([]parse.Node{&parse.TextNode{NodeType: parse.NodeText, Pos: n.List.Pos}}, n.List.Nodes...)
			err = prepareBranch(&n.BranchNode, blocks+1, ranges+1)
		case *parse.IfNode:
			err = prepareBranch(&n.BranchNode, blocks+1, ranges)
		case *parse.WithNode:
			err = prepareBranch(&n.BranchNode, blocks+1, ranges)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func prepareBranch(n *parse.BranchNode, blocks, ranges int) error {
	if err := prepareList(n.List, blocks, ranges); err != nil {
		return placed(err, n.Line, 0)
	}
	return placed(prepareList(n.ElseList, blocks, ranges), n.Line, 0)
}

// placed puts a fault that has no place yet at a line.
func placed(err error, line, column int) error {
	if err == nil {
		return nil
	}
	f := fault.As(err)
	if f.Line > 0 {
		return f
	}
	return f.AtLine(line, column)
}

// htmlFault is the engine's error with its place taken out of the text.
func htmlFault(err error) error {
	var stop *fault.Fault
	if errors.As(err, &stop) && stop.Code == fault.LimitExceeded {
		return stop
	}
	line, column, text := splitPlace(err.Error())
	return fault.Wrap(err, fault.Invalid, "the template cannot be used: %s", plainWords(text)).AtLine(line, column)
}

// htmlText marks text as HTML that needs no escaping.
func htmlText(v any) template.HTML {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return template.HTML(v) //nolint:gosec // that is what the template's author asks for by unescapeHTML
	default:
		return template.HTML(fmt.Sprint(v)) //nolint:gosec // as above
	}
}
