function auth() {
  if (!exist_profile()) {
    next = "login"
  }
}

function log() {
  console.log(">>", "User:", get_profile()["username"], "BoxName:", box_name, "BoxType:", box_type, "Time:", duration_ms, "ms")
}
