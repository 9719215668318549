package services

import "net/http"

// The APIs beside Orders API have little to tell: they are there for the tokens
// that they ask for.

func (s *Services) stock(w http.ResponseWriter, _ *http.Request, _ caller) {
	type article struct {
		Article string `json:"article"`
		Count   int    `json:"count"`
	}
	respond(w, http.StatusOK, struct {
		Stock []article `json:"stock"`
	}{[]article{{"lantern", 42}, {"kettle", 17}, {"compass", 0}}})
}

func (s *Services) secrets(w http.ResponseWriter, _ *http.Request, _ caller) {
	respond(w, http.StatusOK, struct {
		Secrets []string `json:"secrets"`
	}{[]string{"the kettle is never switched off", "the compass points south"}})
}

func (s *Services) badges(w http.ResponseWriter, _ *http.Request, _ caller) {
	respond(w, http.StatusOK, struct {
		Badges []string `json:"badges"`
	}{[]string{"first order", "ten orders", "order at midnight"}})
}

func (s *Services) reports(w http.ResponseWriter, _ *http.Request, _ caller) {
	type report struct {
		Month  string `json:"month"`
		Orders int    `json:"orders"`
	}
	respond(w, http.StatusOK, struct {
		Reports []report `json:"reports"`
	}{[]report{{"2026-01", 412}, {"2026-02", 388}}})
}
