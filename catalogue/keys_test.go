package catalogue

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The small catalogue uses every key of the format, so that its golden shows a
// key that is lost or renamed.
func TestSmallUsesEveryKey(t *testing.T) {
	c, err := LoadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	used, known := map[string]bool{}, map[string]bool{}
	seen := func(typ reflect.Type, f reflect.StructField) string {
		name := typ.Name()
		if len(f.Index) > 1 {
			name = typ.FieldByIndex(f.Index[:1]).Name // a Term's key counts wherever it stands
		}
		return name + "." + f.Name
	}
	var types func(reflect.Type)
	types = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice:
			types(typ.Elem())
		case reflect.Struct:
			for _, f := range fieldsOf(typ).byName {
				known[seen(typ, f)] = true
				types(f.Type)
			}
		}
	}
	types(reflect.TypeFor[Catalogue]())
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			for _, f := range fieldsOf(v.Type()).byName {
				if x := v.FieldByIndex(f.Index); !x.IsZero() {
					used[seen(v.Type(), f)] = true
					walk(x)
				}
			}
		}
	}
	walk(reflect.ValueOf(*c))
	var missing []string
	for k := range known {
		if !used[k] {
			missing = append(missing, k)
		}
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("testdata/small.yaml does not use %s", strings.Join(missing, ", "))
	}
}
