package claims

import (
	"strings"

	"flowscope/validate"
)

// app is an application of Microsoft's own: its client id and its name.
type app struct{ id, name string }

// apis are APIs of Microsoft beside Graph that are often an audience, by their
// application id (Entra: verify first-party Microsoft applications in sign-in reports).
var apis = [...]app{
	{"00000002-0000-0000-c000-000000000000", "Azure AD Graph (retired)"},
	{"797f4846-ba00-4fd7-ba43-dac1f8f63013", "Azure Service Management"},
	{"cfa8b339-82a2-471a-a3c9-0fc0be7a4093", "Azure Key Vault"},
	{"e406a681-f3d4-42a8-90b6-c2b029497af1", "Azure Storage"},
	{"022907d3-0f1b-48f7-badc-1ba6abab6d66", "Azure SQL Database"},
	{"499b84ac-1321-427f-aa17-267ca6975798", "Azure DevOps"},
	{"ca7f3f0b-7d91-482c-8e09-c5d840d0eac5", "Log Analytics"},
	{"00000002-0000-0ff1-ce00-000000000000", "Exchange Online"},
	{"00000003-0000-0ff1-ce00-000000000000", "SharePoint Online"},
	{"c5393580-f805-4401-95e8-94b7a6ef2fc2", "Office 365 Management APIs"},
	{"00000009-0000-0000-c000-000000000000", "Power BI"},
	{"00000007-0000-0000-c000-000000000000", "Dataverse"},
	{"fc780465-2017-40d4-a0c5-307022471b92", "Microsoft Defender for Endpoint"},
}

// addresses are the App ID URIs of the same APIs, without a slash at the end.
var addresses = [...]app{
	{"https://graph.windows.net", "Azure AD Graph (retired)"},
	{"https://management.azure.com", "Azure Service Management"},
	{"https://management.core.windows.net", "Azure Service Management"},
	{"https://management.usgovcloudapi.net", "Azure Service Management"},
	{"https://management.chinacloudapi.cn", "Azure Service Management"},
	{"https://vault.azure.net", "Azure Key Vault"},
	{"https://storage.azure.com", "Azure Storage"},
	{"https://database.windows.net", "Azure SQL Database"},
	{"https://outlook.office365.com", "Exchange Online"},
	{"https://outlook.office.com", "Exchange Online"},
	{"https://api.loganalytics.io", "Log Analytics"},
	{"https://manage.office.com", "Office 365 Management APIs"},
	{"https://analysis.windows.net/powerbi/api", "Power BI"},
}

// clients are programs of Microsoft that often ask for tokens, by client id
// (the same document).
var clients = [...]app{
	{"04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Azure CLI"},
	{"1950a258-227b-4e31-a9cf-717495945fc2", "Azure PowerShell"},
	{"14d82eec-204b-4c2f-b7e8-296a70dab67e", "Microsoft Graph Command Line Tools"},
	{"de8bc8b5-d9f9-48b1-a8ad-b748da725064", "Graph Explorer"},
	{"c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure portal"},
	{"872cd9fa-d31f-45e0-9eab-6e460a02d1f1", "Visual Studio"},
	{"aebc6443-996d-45c2-90f0-388ff96faa56", "Visual Studio Code"},
	{"1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams"},
	{"d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office"},
	{"29d9ed98-a469-4536-ade2-f981bc1d605e", "Microsoft Authentication Broker"},
}

// Resource names the API of Microsoft that an audience or the resource of a
// scope stands for, by its application id or its App ID URI; false for any
// other. A name here says nothing of whether a token is genuine.
func Resource(audience string) (string, bool) {
	if validate.IsGraph(audience) {
		return "Microsoft Graph", true
	}
	plain := strings.ToLower(strings.TrimRight(audience, "/"))
	for _, table := range [...][]app{apis[:], addresses[:]} {
		for i := range table {
			if table[i].id == plain {
				return table[i].name, true
			}
		}
	}
	if strings.HasPrefix(plain, "https://") && strings.HasSuffix(plain, ".sharepoint.com") && !strings.Contains(plain[len("https://"):], "/") {
		return "SharePoint Online", true
	}
	return "", false
}

// client names the program of Microsoft that has this client id.
func client(id string) string {
	plain := strings.ToLower(id)
	for i := range clients {
		if clients[i].id == plain {
			return clients[i].name
		}
	}
	name, _ := Resource(plain)
	return name
}
