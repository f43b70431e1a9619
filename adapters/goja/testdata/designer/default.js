

function auth(){
    if (!exist_profile() ) {
        next = "login"
        return
    }
}function log () {
  profile = get_profile()
  console.log(">>", "User:",profile["username"], "BoxID:", box_id, "Time:",duration_ms, "ms")
}
