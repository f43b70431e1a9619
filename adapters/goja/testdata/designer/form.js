function main() {
  var target = "/nflow/node/run/" + __flow_name + "/" + __outputs["output_1"]
  var inner = template(dromedary_data["html_form"], {action: target, next: __outputs["output_1"], payload: payload, profile: get_profile()})
  c.HTML(200, template(file_to_string("templates/" + dromedary_data["template"]), {form_code: inner}))
  if (payload == undefined || payload == null) {
    payload = {}
  }
  payload["break"] = true
}
