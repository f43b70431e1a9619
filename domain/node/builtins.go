package node

import "slices"

// Builtins is the palette every runtime has.
func Builtins() []Type {
	return slices.Concat(
		startTypes(),
		forkTypes(),
		pluginTypes(),
		[]Type{jsType(), httpType(), databaseType(), mailType(), templateType(), responseType()},
	)
}
