// Empty: it lets direct.go declare functions whose bodies are elsewhere.
