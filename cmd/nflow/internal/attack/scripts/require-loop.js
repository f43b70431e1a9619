// A module that never ends.
// ends: time operations
require("endless");
