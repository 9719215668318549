package explain

// adminParameters are those of the request for an administrator's consent (Entra:
// admin consent endpoint). Read and never written to.
var adminParameters = []Parameter{
	{"client_id", "which application the administrator is asked about", ""},
	{"redirect_uri", "where to come back to; must be registered, letter for letter", "an answer that is sent to a stranger"},
	{"scope", "what is granted for everyone in the tenant; API/.default stands for all that is in the registration, permissions of the application itself included", "more power than the administrator was shown"},
	{"state", "a random value that must come back unchanged", "an answer to a question that somebody else asked"},
}
