// A quarter of a megabyte of arrows.
// hard
// ends: error depth ok memory time
return <<87000 x a=\>>>1;
