// A hundred thousand variables.
// ends: error ok
var a<<100000 x ,a>>;
