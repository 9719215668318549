package validate_test

import (
	"fmt"

	"flowscope/validate"
)

// A token response as it was copied from a log: each token is told with what
// stood before it.
func ExampleFind() {
	const line = `10:02:00 DEBUG body={"scope":"Orders.Read","access_token":"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.","id_token":"eyJhbGciOiJub25lIn0.eyJzdWIiOiJiIn0."} 200`
	for _, f := range validate.Find(line) {
		t, _ := validate.Decode(f.Raw)
		fmt.Printf("%s (%s, %q): %s\n", f.Place, f.Kind, f.Scope, t.Claims.String("sub"))
	}
	fmt.Println(len(validate.Find("Where is my token?")))
	// Output:
	// access_token (access, "Orders.Read"): a
	// id_token (id, "Orders.Read"): b
	// 0
}
