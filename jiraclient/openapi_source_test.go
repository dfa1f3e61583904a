package jiraclient_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A site is a place in the client's source, in a function, where a request is built. In method and route, \x00NAME\x00 stands for a
// parameter of the function around it.
type site struct{ method, route, at, in string }

func (s site) String() string { return s.method + " " + s.route }

// A source is what the client's own text says of the requests that it can send.
type source struct {
	fset  *token.FileSet
	info  types.Info
	decls map[types.Object]*ast.FuncDecl
	built map[types.Object][]site         // by function: what is built in it
	open  map[ast.Node]bool               // what is being looked at: functions may call themselves
	uses  map[types.Object][]types.Object // which functions of the package it names
	raw   []string                        // functions that make requests, or clients, without call
	dark  []site                          // whose route cannot be read
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
		decls: map[types.Object]*ast.FuncDecl{}, built: map[types.Object][]site{}, open: map[ast.Node]bool{}, uses: map[types.Object][]types.Object{},
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
			if sel, ok := n.(*ast.SelectorExpr); ok && s.sends(sel) && !slices.Contains(s.raw, s.name(of)) {
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
	for before := -1; before != s.count(); { // one that builds may stand upon another
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

// sends: a request is made by hand, or a client that makes its own, as libraries for logging in want one.
func (s *source) sends(sel *ast.SelectorExpr) bool {
	return s.selects(sel, "http", "NewRequest", "NewRequestWithContext", "Get", "Head", "Post", "PostForm", "Client", "DefaultClient")
}

func (s *source) selects(sel *ast.SelectorExpr, pkg string, names ...string) bool {
	x, ok := sel.X.(*ast.Ident)
	if !ok || !slices.Contains(names, sel.Sel.Name) && len(names) > 0 {
		return false
	}
	p, ok := s.info.Uses[x].(*types.PkgName)
	return ok && filepath.Base(p.Imported().Path()) == pkg
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
