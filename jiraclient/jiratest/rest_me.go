package jiratest

import (
	"net/http"
	"strconv"
	"strings"
)

func meRoutes() []route {
	return []route{
		{"GET", "/api/2/myself", myself},
		{"GET", "/api/2/serverInfo", serverInfo},
		{"GET", "/api/2/mypermissions", myPermissions},
		{"GET", "/api/2/permissions", allPermissions},
	}
}

func myself(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
	}
	out := c.j.userJSON(c.user).(obj)
	groups := c.j.groupsJSON(c.user)
	out["deleted"], out["locale"], out["expand"] = false, "en_US", "groups,applicationRoles"
	out["groups"] = obj{"size": len(groups), "items": groups}
	out["applicationRoles"] = obj{"size": 1, "items": []any{}}
	return 200, out, nil
}

func serverInfo(c *call) (int, any, error) {
	var numbers []int
	for part := range strings.SplitSeq(c.j.options.Version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = 0
		}
		numbers = append(numbers, n)
	}
	return 200, obj{
		"baseUrl": c.j.base, "version": c.j.options.Version, "versionNumbers": numbers, "deploymentType": "Server",
		"buildNumber": 912000, "serverTime": c.j.now().Format(stamp), "serverTitle": "Jira",
		"buildDate": "2023-11-08T00:00:00.000+0000", "scmInfo": "0000000000000000000000000000000000000000",
	}, nil
}

// myPermissions always answers with all permissions: Data Center knows no "permissions" parameter.
func myPermissions(c *call) (int, any, error) {
	if err := c.loggedIn(); err != nil {
		return 0, nil, err
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
