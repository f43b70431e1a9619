// A chain of conditions.
// ends: error ok depth
return <<60000 x 1?1:>>0;
