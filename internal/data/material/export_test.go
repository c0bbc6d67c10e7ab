package material

// Symbols are the element symbols in the order of their numbers, for the test of the table.
func Symbols() []string { return symbols }
