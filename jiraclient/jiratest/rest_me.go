package jiratest

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

func meRoutes() []route {
	return []route{
		{"GET", "/api/2/myself", myself},
		{"GET", "/api/2/serverInfo", serverInfo},
		{"GET", "/api/2/mypermissions", myPermissions},
		{"GET", "/api/2/permissions", allPermissions},
		{"GET", "/api/2/readonly-mode", readOnlyMode},
	}
}

func myself(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	out := c.j.userJSON(c.user).(obj)
	groups := c.j.groupsJSON(c.user)
	out["locale"], out["expand"] = "en_US", "groups,applicationRoles"
	if !c.j.version.cloud {
		out["deleted"] = false
	}
	out["groups"] = obj{"size": len(groups), "items": groups}
	out["emailAddress"] = c.user.Email // of oneself also on Cloud
	out["applicationRoles"] = obj{"size": 1, "items": []any{}}
	return 200, out, nil
}

func serverInfo(c *call) (int, any, error) {
	version := c.j.version.version
	deployment := "Server"
	if c.j.version.cloud {
		deployment = "Cloud"
	}
	return 200, obj{
		"baseUrl": c.j.base, "version": version, "versionNumbers": versionNumbers(version), "deploymentType": deployment,
		"buildNumber": 912000, "serverTime": c.j.now().Format(stamp), "serverTitle": "Jira",
		"buildDate": "2023-11-08T00:00:00.000+0000", "scmInfo": "0000000000000000000000000000000000000000",
	}, nil
}

// myPermissions answers with all permissions: Data Center knows no "permissions" parameter. Cloud demands it.
func myPermissions(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	all := append(globalPermissions(), projectPermissions()...)
	asked := c.list("permissions")
	if !c.j.version.cloud {
		asked = all
	}
	unknown := slices.ContainsFunc(asked, func(key string) bool { return !slices.Contains(all, key) })
	if len(asked) == 0 || unknown {
		return 0, nil, refuse(http.StatusBadRequest, "The permissions parameter is required and must list valid permission keys.")
	}
	projects := c.j.projects
	var about *issue
	if ref := c.query.Get("projectKey") + c.query.Get("projectId"); ref != "" {
		p, err := c.j.visibleProject(c.user, ref)
		if err != nil {
			return 0, nil, err
		}
		projects = []*project{p}
	}
	if ref := c.query.Get("issueKey") + c.query.Get("issueId"); ref != "" {
		i, err := c.j.visible(c.user, ref)
		if err != nil {
			return 0, nil, err
		}
		about, projects = i, []*project{i.project}
	}
	out := obj{}
	for n, key := range globalPermissions() {
		out[key] = permissionJSON(n, key, "GLOBAL", c.user.admin() || key == "USER_PICKER" || key == "CREATE_SHARED_OBJECTS")
	}
	for n, key := range projectPermissions() {
		has := false
		for _, p := range projects {
			has = has || c.j.may(c.user, key, p, about)
		}
		out[key] = permissionJSON(100+n, key, "PROJECT", has)
	}
	maps.DeleteFunc(out, func(key string, _ any) bool { return !slices.Contains(asked, key) })
	return 200, obj{"permissions": out}, nil
}

func permissionJSON(id int, key, kind string, has bool) obj {
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(key, "_", " ")))
	for n, w := range words {
		words[n] = strings.ToUpper(w[:1]) + w[1:]
	}
	return obj{
		"id": text(id), "key": key, "name": strings.Join(words, " "), "type": kind, "description": "", "havePermission": has,
	}
}

func allPermissions(c *call) (int, any, error) {
	if !c.user.admin() {
		return 0, nil, refuse(http.StatusForbidden, "You do not have permission to view all permissions.")
	}
	out := obj{}
	for _, key := range globalPermissions() {
		out[key] = obj{"key": key, "name": key, "type": "GLOBAL", "description": ""}
	}
	for _, key := range projectPermissions() {
		out[key] = obj{"key": key, "name": key, "type": "PROJECT", "description": ""}
	}
	return 200, obj{"permissions": out}, nil
}
