function main() {
  if (!validate_user(payload.username, payload.password)) {
    return c.HTML(200, "Error Login <a href='/home'>Home</a>")
  }
  set_profile({ "username": payload.username })
  c.HTML(200, "<script>window.location.href = '" + get_session("auth-session", "redirect_url") + "'</script>")
}
