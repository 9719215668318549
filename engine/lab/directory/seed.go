package directory

// Tenants and application ids of the lab. They never change, so that
// screenshots, recordings and configuration files stay right.
const (
	ContosoID   = "c0f75a3e-4a12-4f0e-9d0c-3a700c302009"
	FabrikamID  = "fab81c70-2342-4d72-9f9a-9f024e53991e"
	DormantID   = "ad8aba44-79d4-48c2-9324-85256463bf3d"
	webID       = "899990f6-2476-4365-85b4-827f8587cb91"
	spaID       = "6334ecbf-b113-4222-ab81-0e919b045902"
	nativeID    = "7c5b3942-f3c7-4b57-9f98-5647c393e006"
	daemonID    = "b2f3c456-3023-41f3-b4c9-19c5826715e0"
	ordersID    = "f4f9cdd6-0c3f-428f-94f5-b424da1d3acb"
	inventoryID = "d03736d6-924c-40ce-89db-671a6fda9dc1"
	cliID       = "861d502e-1b40-4602-95e9-af4546b86fa3"
	partnerID   = "a8acafcb-b7e1-478d-8bd6-f50eadca14fe"
	everyoneID  = "4072cb66-6594-4e63-9291-6b806e562d65"
	expiredID   = "db7cb6c1-76c3-49e1-a2f7-11f2fff9a030"
	workloadID  = "89b01855-5466-412c-bd68-59a49f0f4567"
	legacyID    = "1c0f5da5-e3bc-4098-b827-7e36d8cb5831"
	payrollID   = "fe9692d9-72d9-4dad-8e49-f64619935c27"
	retiredID   = "9b93a56f-85fd-41ed-9fcb-d7ef5d5cd75a"
	vaultID     = "36033eea-763f-4228-a098-9f279fe6aeb1"
	badgesID    = "8f7c22bb-8290-4320-937a-d2533b97ed5e"
	reportsID   = "6749b402-9131-4555-ba04-d8cbdd5d140b"
	archiveID   = "9e46d5d8-137d-4159-8a5a-bc340c05c51b"
)

// FederationPath is where the lab's second issuer is served, behind scheme and
// host. It stands for a build service or a Kubernetes cluster outside Entra.
const FederationPath = "/federation"

const federationIssuer = "{base}" + FederationPath

// Seed returns the lab's directory. The passwords and secrets in it are
// public by intent: they open nothing but the lab.
func Seed() Directory {
	return Directory{
		Tenants: []Tenant{
			{ID: ContosoID, Name: "Contoso", Domain: "contoso.onmicrosoft.com", OtherDomains: []string{"contoso.example"}, Region: "EU"},
			{ID: FabrikamID, Name: "Fabrikam", Domain: "fabrikam.onmicrosoft.com", OtherDomains: []string{"fabrikam.example"}, Region: "NA"},
			{ID: DormantID, Name: "Northwind", Domain: "northwind.onmicrosoft.com", Region: "NA", Blocked: true},
			{ID: ConsumersTenantID, Name: "Personal accounts", Domain: "live.com"},
		},
		Users: people(),
		Apps: []App{
			web(), spa(), native(), daemon(), cli(), orders(), inventory(),
			partner(), everyone(), workload(), legacy(), payroll(), expired(), retired(),
			vault(), badges(), reports(), archive(), graph(),
		},
	}
}
