package inventory

import (
	"reflect"
	"testing"

	"github.com/habeas-data/habeas/events"
)

// Every field of an event is either of its context, or particular, or what each
// event has of its own: a field that is forgotten would put two contexts together.
func TestContextTellsEveryField(t *testing.T) {
	plain := string(appendContext(nil, &events.Event{}, false))
	texts := map[string]string{plain: "nothing"}
	own := map[string]bool{"ID": true, "Time": true, "Subject": true, "Categories": true}
	var walk func(name string, index []int, typ reflect.Type)
	walk = func(name string, index []int, typ reflect.Type) {
		if own[name] {
			return
		}
		if typ.Kind() == reflect.Struct {
			for i := range typ.NumField() {
				walk(name+"."+typ.Field(i).Name, append(index[:len(index):len(index)], i), typ.Field(i).Type)
			}
			return
		}
		var e events.Event
		v := reflect.ValueOf(&e).Elem().FieldByIndex(index)
		switch typ.Kind() {
		case reflect.String:
			v.SetString("x")
		case reflect.Slice:
			v.Set(reflect.ValueOf([]events.Code{"x"}))
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Array:
			v.Index(0).SetUint(1)
		case reflect.Int64, reflect.Int32:
			v.SetInt(1)
		default:
			v.SetUint(1)
		}
		text := string(appendContext(nil, &e, false))
		if hasParticulars(&e) {
			if text != plain {
				t.Errorf("%s is particular and of the context", name)
			}
			var p events.Event
			if particular(&e, &p); hasParticulars(&e) || !hasParticulars(&p) {
				t.Errorf("%s is particular and stays", name)
			}
			return
		}
		if was, ok := texts[text]; ok {
			t.Errorf("a context with %s is the same as one with %s", name, was)
		}
		texts[text] = name
	}
	typ := reflect.TypeFor[events.Event]()
	for i := range typ.NumField() {
		walk(typ.Field(i).Name, []int{i}, typ.Field(i).Type)
	}
	if string(appendContext(nil, &events.Event{}, true)) == plain {
		t.Error("whether there are particulars is not told")
	}
}
