// A chain of operators, each one level of the parser.
// ends: error ok depth
return <<250000 x !>>1;
