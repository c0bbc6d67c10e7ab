package scope

// Pending lists the scopes that guard no route yet, each with the reason. A scope
// guards at least one route or stands here; the structural test of package api
// reads both, so that neither list can go stale.
func Pending() map[Scope]string {
	return map[Scope]string{
		ActionsRead:          "There are no user-started workflows yet.",
		ActionsRun:           "There are no user-started workflows yet.",
		AppsRead:             "Search apps are not configurable yet.",
		DatasetsAssignDOI:    "There are no datasets yet.",
		DatasetsDelete:       "There are no datasets yet.",
		DatasetsRead:         "There are no datasets yet.",
		DatasetsWrite:        "There are no datasets yet.",
		EntriesWrite:         "Entries cannot be edited yet, except by replacing their files.",
		ExternalDCATRead:     "The DCAT catalogue is not served yet.",
		ExternalH5groveRead:  "HDF5 files cannot be read inside yet.",
		ExternalOptimadeRead: "The OPTIMADE API is not served yet.",
		FederationWrite:      "Reserved for writing to other installations (decisions 1).",
		GraphRead:            "Graph queries are not served yet.",
		MaterialsRead:        "Guards nothing in NOMAD 2.0.0 either.",
		MetainfoRead:         "Schema definitions are not served by id yet.",
		NorthRead:            "There are no remote tools yet.",
		NorthRun:             "There are no remote tools yet.",
		SchemasRead:          "Schemas are not served as JSON Schema yet.",
		SuggestionsRead:      "There are no suggestions while typing yet.",
		SystemsRead:          "Atomic structures are not served yet.",
		UploadsAssignDOI:     "Uploads cannot get a DOI yet.",
	}
}
