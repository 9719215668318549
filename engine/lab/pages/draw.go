package pages

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

func (p SignIn) body() g.Node {
	return g.Group{
		heading("Sign in"),
		sentence("to go on to " + p.App),
		alert(p.Problem),
		form(p.Form,
			field("User name", "username", h.Type("text"), g.Attr("inputmode", "email"), h.Value(p.Username), h.AutoComplete("username"),
				g.Attr("autocapitalize", "none"), g.Attr("spellcheck", "false"), g.If(p.Username == "", h.AutoFocus())),
			secret("Password", "password", "current-password", p.Username != ""),
			buttons(mainButton("signin", "Sign in"), button("cancel", "Cancel")),
		),
	}
}

func (p Accounts) body() g.Node {
	return g.Group{
		heading("Pick an account"),
		sentence("to go on to " + p.App),
		form(p.Form,
			accountList(p.Accounts, "other", "Use another account"),
			buttons(h.Button(h.Name("account"), h.Value("cancel"), g.Text("Cancel"))),
		),
	}
}

func (p Accounts) signOut() g.Node {
	return g.Group{
		heading("Sign out"),
		sentence("Which account do you want to sign out of?"),
		form(p.Form, accountList(p.Accounts, "all", "All of them")),
	}
}

func (p NewPassword) body() g.Node {
	return g.Group{
		heading("Update your password"),
		muted(p.Username),
		alert(p.Problem),
		sentence("Choose a new one of at least eight characters, of two kinds or more: small letters, capitals, digits, signs."),
		form(p.Form,
			secret("Current password", "current", "current-password", true),
			secret("New password", "new", "new-password", false),
			secret("New password again", "again", "new-password", false),
			buttons(mainButton("change", "Change password"), button("cancel", "Cancel")),
		),
	}
}

func (p Factor) body() g.Node {
	return g.Group{
		heading("Approve sign-in"),
		muted(p.Username),
		alert(p.Problem),
		sentence("On a real account your phone would ask now whether it is you who signs in to " + p.App + ". In the lab you answer here."),
		form(p.Form, buttons(mainButton("approve", "Approve", h.AutoFocus()), button("deny", "Deny"))),
	}
}

func (p Factor) registration() g.Node {
	return g.Group{
		heading("More information needed"),
		muted(p.Username),
		sentence("Your organisation wants a second factor for " + p.App + ", and your account has none. On a real account you would set up an app on your phone now; the lab brings an authenticator of its own."),
		form(p.Form, buttons(mainButton("register", "Register the lab's authenticator", h.AutoFocus()), button("cancel", "Cancel"))),
	}
}

func (p Consent) body() g.Node {
	var api, organisation g.Node
	if p.API != "" {
		api = g.Group{sentence(p.API + " works for this application and would like to:"), permissions(p.Own)}
	}
	if p.Admin {
		organisation = h.Label(h.Class("check"), h.For("organisation"),
			h.Input(h.ID("organisation"), h.Type("checkbox"), h.Name("organisation"), h.Value("1")),
			h.Span(g.Text("Consent on behalf of your organisation, so that nobody else is asked")))
	}
	return g.Group{
		heading("Permissions requested"),
		application(p.App, p.Publisher, p.Username),
		sentence("This application would like to:"),
		permissions(p.Permissions),
		api,
		form(p.Form,
			organisation,
			muted("Accept only if you trust the publisher."),
			buttons(mainButton("accept", "Accept"), button("cancel", "Cancel")),
		),
	}
}

func (p AdminConsent) body() g.Node {
	var asked g.Group
	if len(p.Delegated) > 0 {
		asked = append(asked, h.H2(g.Text("As the person who is signed in")), permissions(p.Delegated))
	}
	if len(p.Application) > 0 {
		asked = append(asked, h.H2(g.Text("On its own, without a person")), permissions(p.Application))
	}
	if len(asked) == 0 {
		asked = append(asked, muted("It asks for no permission. Accepting brings it into "+p.Tenant+"."))
	}
	return g.Group{
		heading("Permissions requested for your organisation"),
		application(p.App, p.Publisher, p.Username),
		sentence("If you accept, this application can do the following for everyone in " + p.Tenant + ", and nobody there is asked again."),
		asked,
		form(p.Form, buttons(mainButton("accept", "Accept"), button("cancel", "Cancel"))),
	}
}

func (p ConsentRequest) body() g.Node {
	return g.Group{
		heading("Approval required"),
		application(p.App, p.Publisher, p.Username),
		alert(p.Problem),
		sentence("This application would like to:"),
		permissions(p.Permissions),
		form(p.Form,
			h.Label(h.For("reason"), g.Text("Why do you need it?")),
			h.Textarea(h.ID("reason"), h.Name("reason"), h.Rows("3"), h.MaxLength("500")),
			buttons(mainButton("request", "Request approval"), button("cancel", "Back")),
		),
	}
}

func (p DeviceCode) body() g.Node {
	return g.Group{
		heading("Enter code"),
		sentence("Type the code that your device or program shows. Never type one that somebody sent you."),
		alert(p.Problem),
		post(address(p.Action),
			field("Code", "user_code", h.Type("text"), h.Value(p.UserCode), h.Class("usercode"), h.AutoComplete("off"),
				g.Attr("autocapitalize", "characters"), g.Attr("spellcheck", "false"), h.MaxLength("32"), h.AutoFocus()),
			buttons(h.Button(h.Class("main"), g.Text("Next"))),
		),
	}
}

func (p DeviceConfirm) body(title string) g.Node {
	return g.Group{
		heading(title),
		publishedBy(p.Publisher),
		signedInAs(p.Username),
		sentence("The device or program that shows the code you typed will be signed in as you. Go on only if you got the code there, and not from somebody else."),
		form(p.Form, buttons(mainButton("continue", "Continue"), button("cancel", "Cancel"))),
	}
}

func (p SignedOut) body(title string) g.Node {
	var next g.Node
	if p.Next != "" {
		next = h.P(h.A(h.Href(registered(p.Next)), g.Text("Back to the application")))
	}
	frames := g.Map(p.Frames, func(to string) g.Node {
		return h.IFrame(h.Src(address(to)), g.Attr("title", "sign-out of an application"), g.Attr("hidden"))
	})
	return g.Group{heading(title), sentences(p.Lines), next, frames}
}

func (f Failure) body() g.Node {
	return g.Group{
		heading("Sign-in did not work"),
		fault(f.Code, f.Message),
		muted("If you report this, copy these lines:"),
		h.Pre(h.Class("details"), h.TabIndex("0"), g.Text(f.Details())),
	}
}

// handOver is the form that carries the fields of an answer to an address.
func handOver(to string, fields []Field) g.Node {
	hidden := g.Map(fields, func(f Field) g.Node {
		return h.Input(h.Type("hidden"), h.Name(f.Name), h.Value(f.Value))
	})
	return g.Group{
		heading("Back to the application"),
		sentence("Your browser hands the answer over by itself. If nothing happens, press the button."),
		post(registered(to), hidden, buttons(h.Button(h.Class("main"), g.Text("Go on")))),
		h.Script(g.Raw(submit)), // as it is: the policy names its hash
	}
}
