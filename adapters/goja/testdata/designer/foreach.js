function main() {
  try {
    if (payload["__items"] == undefined) {
      payload["__items"] = find_element(nflow_data["field"], payload)
    }
    var rest = payload["__items"]
    console.log("left: " + rest.length)
    if (rest.length == 0) {
      next = "output_1"
      return
    }
    next = "output_2"
    payload[nflow_data["item_name"]] = rest.shift()
  } catch (e) {
    next = "output_1"
  }
}
