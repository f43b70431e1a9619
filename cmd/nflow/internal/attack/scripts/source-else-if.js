// A chain of else ifs.
// ends: error ok
if (0) {}<<20000 x else if(0){}>>
