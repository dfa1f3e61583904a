package strictyaml_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"jirabot/internal/strictyaml"
)

func TestSchemaSaysWhatDecodeAccepts(t *testing.T) {
	type part struct {
		Name string `yaml:"name,required" doc:"A name."`
	}
	type whole struct {
		part
		Count *int            `yaml:"count"`
		Ratio float64         `yaml:"ratio"`
		On    bool            `yaml:"on"`
		Wait  time.Duration   `yaml:"wait"`
		Parts []part          `yaml:"parts"`
		Free  map[string]part `yaml:"free"`
		Any   any             `yaml:"any"`
		Own   own             `yaml:"own" doc:"Its own."`
		Not   string          `yaml:"-"`
	}
	const onePart = `{"additionalProperties":false,"properties":{"name":{"description":"A name.","type":"string"}},"required":["name"],"type":"object"}`
	want := `{"additionalProperties":false,"properties":{"any":{},"count":{"type":"integer"},"free":{"additionalProperties":` + onePart +
		`,"type":"object"},"name":{"description":"A name.","type":"string"},"on":{"type":"boolean"},"own":{"const":1,"description":"Its own."},"parts":{"items":` + onePart +
		`,"type":"array"},"ratio":{"type":"number"},"wait":{"examples":["15m","12h","7d"],"pattern":"^(\\d+w)?(\\d+d)?((\\d+(\\.\\d+)?(h|m|s|ms|us|ns))+|0)?$","type":"string"}},"required":["name"],"type":"object"}`
	got, err := json.Marshal(strictyaml.SchemaOf[whole]())
	if err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

type own struct{}

func (own) Schema() map[string]any { return map[string]any{"const": 1} }

func Example() {
	s := strictyaml.Parse("bot.yaml", []byte("listen: 127.0.0.1:8080\ntimeout: soon\n"))
	var c struct {
		Listen  string        `yaml:"listen"`
		Timeout time.Duration `yaml:"timeout"`
	}
	s.Decode(s.Root, &c)
	fmt.Println(c.Listen)
	fmt.Println(s.Err())
	// Output:
	// 127.0.0.1:8080
	// bot.yaml:2:10: wanted a duration such as "90s", "15m", "12h" or "7d", got the text "soon"
	//   2 | timeout: soon
	//     |          ^
}
