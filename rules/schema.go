package rules

import "jirabot/internal/strictyaml"

// Schema is the JSON Schema of rule files, for editors.
func Schema() map[string]any {
	out := strictyaml.SchemaOf[document]()
	out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	out["title"] = "Rules of a Jira automation bot"
	out["$defs"] = map[string]any{"step": Step{}.Schema()}
	return out
}

// Schema is the JSON Schema of a rule.
func (r *Rule) Schema() map[string]any {
	type plain Rule
	return strictyaml.SchemaOf[plain]()
}
