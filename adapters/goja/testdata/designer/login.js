function main(){
  	var back = ""+get_session("auth-session","redirect_url")
  	if (payload["username"] == "eva" && payload["password"] == "secret") {
      	set_profile({"username":payload["username"]})
  		return c.HTML(200,"<a href='"+back+"'>go</a>")
    }
    return c.HTML(200,"who?")
}
