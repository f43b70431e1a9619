// A hundred thousand brackets.
// ends: error
return <<100000 x (>>1<<100000 x )>>;
