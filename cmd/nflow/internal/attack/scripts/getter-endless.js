// Getters that give new objects with getters.
// ends: depth payload time operations error
const make = () => ({ get more() { return make(); } });
return make();
