package jiraclient_test

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// findSites adds what a function builds: through each function that it calls and that builds what it is told to.
func (s *source) findSites(of types.Object, fn *ast.FuncDecl) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		builder := s.callee(c)
		for _, b := range s.built[builder] {
			if !strings.Contains(b.method+b.route, "\x00") {
				continue // built in there, whoever calls
			}
			at := s.fset.Position(c.Pos()).String()
			methods, routes := []string{b.method}, []string{b.route}
			for i, name := range parameters(s.decls[builder]) {
				if i < len(c.Args) {
					methods = s.fill(methods, name, c.Args[i], fn)
					routes = s.fill(routes, name, c.Args[i], fn)
				}
			}
			if len(methods) == 0 || len(routes) == 0 {
				s.dark = append(s.dark, site{at: at, in: s.name(of)})
			}
			for _, m := range methods {
				for _, r := range routes {
					if !strings.Contains(r, "\x00") && !strings.HasPrefix(r, "/") {
						r = "/rest/api/2/" + r
					}
					if one := (site{m, r, at, s.name(of)}); !slices.Contains(s.built[of], one) {
						s.built[of] = append(s.built[of], one)
					}
				}
			}
		}
		return true
	})
}

func (s *source) callee(c *ast.CallExpr) types.Object {
	fun := c.Fun
	if index, ok := fun.(*ast.IndexExpr); ok {
		fun = index.X
	}
	switch f := fun.(type) {
	case *ast.Ident:
		return s.function(f)
	case *ast.SelectorExpr:
		return s.function(f.Sel)
	}
	return nil
}

func parameters(fn *ast.FuncDecl) (names []string) {
	for _, field := range fn.Type.Params.List {
		for _, id := range field.Names {
			names = append(names, id.Name)
		}
	}
	return names
}

// fill puts every value that an argument may have into a hole.
func (s *source) fill(texts []string, name string, arg ast.Expr, in *ast.FuncDecl) (out []string) {
	for _, text := range texts {
		if !strings.Contains(text, hole(name)) {
			out = append(out, text)
			continue
		}
		for _, v := range s.values(arg, in) {
			out = append(out, strings.ReplaceAll(text, hole(name), v))
		}
	}
	return out
}

// values are the texts that an expression may be. None means that it cannot be told.
func (s *source) values(e ast.Expr, in *ast.FuncDecl) (out []string) {
	if v := s.info.Types[e].Value; v != nil && v.Kind() == constant.String {
		return []string{constant.StringVal(v)}
	}
	if s.open[e] {
		return nil
	}
	s.open[e] = true
	defer delete(s.open, e)
	switch e := e.(type) {
	case *ast.ParenExpr:
		return s.values(e.X, in)
	case *ast.SelectorExpr:
		if method, ok := strings.CutPrefix(e.Sel.Name, "Method"); ok && s.selects(e, "http") {
			return []string{strings.ToUpper(method)}
		}
	case *ast.BinaryExpr:
		for _, left := range s.values(e.X, in) {
			for _, right := range s.values(e.Y, in) {
				out = append(out, left+right)
			}
		}
	case *ast.CallExpr:
		return s.results(e, 0)
	case *ast.Ident:
		if slices.Contains(parameters(in), e.Name) {
			return []string{hole(e.Name)}
		}
		ast.Inspect(in.Body, func(n ast.Node) bool {
			a, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for i, left := range a.Lhs {
				id, ok := left.(*ast.Ident)
				if !ok || s.object(id) == nil || s.object(id) != s.object(e) {
					continue
				}
				if c, ok := a.Rhs[0].(*ast.CallExpr); ok && len(a.Rhs) < len(a.Lhs) {
					out = append(out, s.results(c, i)...)
				} else if i < len(a.Rhs) {
					out = append(out, s.values(a.Rhs[i], in)...)
				}
			}
			return true
		})
	}
	return out
}

func (s *source) object(id *ast.Ident) types.Object {
	if o := s.info.Defs[id]; o != nil {
		return o
	}
	return s.info.Uses[id]
}

// results are what a function of the package returns in one place.
func (s *source) results(c *ast.CallExpr, place int) (out []string) {
	fn := s.decls[s.callee(c)]
	if fn == nil || s.open[fn] {
		return nil
	}
	s.open[fn] = true
	defer delete(s.open, fn)
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && place < len(r.Results) {
			out = append(out, s.values(r.Results[place], fn)...)
		}
		return true
	})
	return out
}
