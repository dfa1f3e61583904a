package event

// JiraKinds lists the events that Jira is known to send, under the names that rules use: webhookEvent without "jira:".
var JiraKinds = [...]KindInfo{
	{"issue_created", "An issue was created.", true},
	{"issue_updated", "An issue was changed in any way, or commented on.", true},
	{"issue_deleted", "An issue was deleted; the event carries its last state.", true},

	{"comment_created", "A comment was added. Data Center names only the issue's ID.", true},
	{"comment_updated", "A comment was edited.", true},
	{"comment_deleted", "A comment was deleted.", true},

	{"worklog_created", "Work was logged. The event names no actor but the worklog's author.", true},
	{"worklog_updated", "A worklog was changed.", true},
	{"worklog_deleted", "A worklog was deleted.", true},

	{"attachment_created", "A file was attached.", true},
	{"attachment_deleted", "An attached file was deleted.", true},

	{"issuelink_created", "Two issues were linked; the event's issue is the link's source.", true},
	{"issuelink_deleted", "A link between two issues was removed.", true},

	{"issue_property_set", "An entity property of an issue was set.", true},
	{"issue_property_deleted", "An entity property of an issue was deleted.", true},

	{"version_created", "A version was created.", false},
	{"version_updated", "A version was changed, which includes archiving it.", false},
	{"version_deleted", "A version was deleted; on Data Center also if it was merged into another.", false},
	{"version_released", "A version was released.", false},
	{"version_unreleased", "The release of a version was taken back.", false},
	{"version_moved", "A version got another place in the list.", false},
	{"version_merged", "A version was merged into another (Cloud).", false},

	{"project_created", "A project was created.", false},
	{"project_updated", "A project was changed.", false},
	{"project_deleted", "A project was deleted.", false},
	{"project_soft_deleted", "A project was put into the trash (Cloud).", false},
	{"project_restored_deleted", "A project was taken back from the trash (Cloud).", false},
	{"project_archived", "A project was archived (Cloud).", false},
	{"project_restored_archived", "A project was taken back from the archive (Cloud).", false},

	{"user_created", "A user was created.", false},
	{"user_updated", "A user was changed.", false},
	{"user_deleted", "A user was deleted.", false},

	{"sprint_created", "A sprint was created.", false},
	{"sprint_updated", "A sprint was changed.", false},
	{"sprint_deleted", "A sprint was deleted.", false},
	{"sprint_started", "A sprint was started.", false},
	{"sprint_closed", "A sprint was completed.", false},

	{"board_created", "A board was created.", false},
	{"board_updated", "A board was changed.", false},
	{"board_deleted", "A board was deleted.", false},
	{"board_configuration_changed", "A board's configuration was changed.", false},

	{"option_voting_changed", "Voting was switched on or off.", false},
	{"option_watching_changed", "Watching was switched on or off.", false},
	{"option_unassigned_issues_changed", "Unassigned issues were allowed or forbidden.", false},
	{"option_subtasks_changed", "Sub-tasks were switched on or off.", false},
	{"option_attachments_changed", "Attachments were switched on or off.", false},
	{"option_issuelinks_changed", "Issue links were switched on or off.", false},
	{"option_timetracking_changed", "Time tracking was switched on or off.", false},
	{"option_timetracking_provider_changed", "Another provider of time tracking was chosen.", false},

	{"filter_created", "A filter was created (Cloud).", false},
	{"filter_updated", "A filter was changed (Cloud).", false},
	{"filter_deleted", "A filter was deleted (Cloud).", false},
	{"issuetype_created", "An issue type was created (Cloud).", false},
	{"issuetype_updated", "An issue type was changed (Cloud).", false},
	{"issuetype_deleted", "An issue type was deleted (Cloud).", false},
	{"jira_expression_evaluation_failed", "A Jira expression of an app failed (Cloud).", false},
	{"app_access_to_objects_blocked", "An app lost its access to objects (Cloud).", false},
	{"app_access_to_objects_in_container_blocked", "An app lost its access to objects in a container (Cloud).", false},
}
