// Package check holds what is deployed against the schemas of those who read it: Kubernetes' own types, decoded strictly, and
// Compose's own loader. It is a module of its own, so that the bot does not carry their weight.
package check
