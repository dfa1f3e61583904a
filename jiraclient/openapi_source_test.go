package jiraclient_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A site is a place in the client's source where a request is built. In method and route, \x00NAME\x00 stands for a
// parameter of the function around it.
type site struct{ method, route, at string }

func (s site) String() string { return s.method + " " + s.route }

// A source is what the client's own text says of the requests that it can send.
type source struct {
	fset  *token.FileSet
	info  types.Info
	decls map[types.Object]*ast.FuncDecl
	built map[types.Object][]site         // by function: what is built in it
	uses  map[types.Object][]types.Object // which functions of the package it names
	raw   []string                        // functions that make requests without call
	dark  []string                        // sites whose route cannot be read
}

// errNoImport keeps the type checker within the package: what other packages define does not matter here, and would take
// seconds.
var errNoImport = errors.New("not imported")

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errNoImport }

// readSource reads the package in this directory.
func readSource(t *testing.T) *source {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	s := &source{
		fset:  token.NewFileSet(),
		info:  types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}},
		decls: map[types.Object]*ast.FuncDecl{}, built: map[types.Object][]site{}, uses: map[types.Object][]types.Object{},
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(s.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	config := types.Config{Importer: noImports{}, Error: func(error) {}} // there are many, all of them about other packages
	_, _ = config.Check("jiraclient", s.fset, files, &s.info)
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
				s.decls[s.info.Defs[fn.Name]] = fn
			}
		}
	}
	for of, fn := range s.decls {
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && s.decls[s.function(id)] != nil {
				s.uses[of] = append(s.uses[of], s.function(id))
			}
			if sel, ok := n.(*ast.SelectorExpr); ok && s.selects(sel, "http", "NewRequest", "NewRequestWithContext", "Get", "Head", "Post", "PostForm") {
				s.raw = append(s.raw, s.name(of))
			}
			return true
		})
	}
	for of, fn := range s.decls {
		if fn.Recv == nil && fn.Name.Name == "call" {
			s.built[of] = []site{{method: hole("method"), route: hole("route")}}
		}
	}
	for before := -1; before != s.count(); { // helpers may stand upon helpers
		before = s.count()
		s.dark = nil
		for of, fn := range s.decls {
			s.findSites(of, fn)
		}
	}
	return s
}

func hole(name string) string { return "\x00" + name + "\x00" }

func (s *source) count() (n int) {
	for _, list := range s.built {
		n += len(list)
	}
	return n
}

// function is the function or method of the package that an identifier means, generic ones as they are declared.
func (s *source) function(id *ast.Ident) types.Object {
	if f, ok := s.info.Uses[id].(*types.Func); ok {
		return f.Origin()
	}
	return nil
}

func (s *source) selects(sel *ast.SelectorExpr, pkg string, names ...string) bool {
	x, ok := sel.X.(*ast.Ident)
	if !ok || !slices.Contains(names, sel.Sel.Name) && len(names) > 0 {
		return false
	}
	p, ok := s.info.Uses[x].(*types.PkgName)
	return ok && filepath.Base(p.Imported().Path()) == pkg
}

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
				s.dark = append(s.dark, at)
			}
			for _, m := range methods {
				for _, r := range routes {
					if !strings.Contains(r, "\x00") && !strings.HasPrefix(r, "/") {
						r = "/rest/api/2/" + r
					}
					if one := (site{m, r, at}); !slices.Contains(s.built[of], one) {
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
	if fn == nil {
		return nil
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && place < len(r.Results) {
			out = append(out, s.values(r.Results[place], fn)...)
		}
		return true
	})
	return out
}

// sites are all requests that the client can build.
func (s *source) sites() (all []site) {
	for _, list := range s.built {
		for _, one := range list {
			if !strings.Contains(one.String(), "\x00") {
				all = append(all, one)
			}
		}
	}
	slices.SortFunc(all, func(a, b site) int { return strings.Compare(a.String()+a.at, b.String()+b.at) })
	return all
}

// operations are the exported functions and methods, each with the requests to which it leads: none for some.
func (s *source) operations() map[string][]site {
	out := map[string][]site{}
	for of, fn := range s.decls {
		if !fn.Name.IsExported() {
			continue
		}
		seen := map[types.Object]bool{}
		var reached []site
		var walk func(types.Object)
		walk = func(o types.Object) {
			if seen[o] {
				return
			}
			seen[o] = true
			for _, one := range s.built[o] {
				if !strings.Contains(one.String(), "\x00") {
					reached = append(reached, one)
				}
			}
			for _, next := range s.uses[o] {
				walk(next)
			}
		}
		walk(of)
		out[s.name(of)] = reached
	}
	return out
}

// name is how a table names a function: Issue for a method of the client, Board.Issues for one of something else.
func (s *source) name(of types.Object) string {
	fn := s.decls[of]
	if fn.Recv == nil {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok && id.Name != "Client" {
		return fmt.Sprintf("%s.%s", id.Name, fn.Name.Name)
	}
	return fn.Name.Name
}
