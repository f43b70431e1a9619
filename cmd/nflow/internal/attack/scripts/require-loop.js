// A module that never ends.
// ends: time operations error
require("endless");
