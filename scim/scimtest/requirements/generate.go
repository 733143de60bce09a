package requirements

//go:generate go run ../cmd/requirements --markdown --output ../../../docs/requirements.md
