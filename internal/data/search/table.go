package search

import "slices"

// group is a part of the catalogue whose names share a prefix.
type group struct {
	prefix string
	rows   []Quantity
}

// nestedSections are the sections whose items are matched one by one
// (spec search-quantities.md §4), outer ones before inner ones.
var nestedSections = []string{
	"section_defs", "entry_references", "search_quantities",
	"results.material.elemental_composition",
	"results.material.topology", "results.material.topology.elemental_composition",
	"results.method.simulation.dft.hubbard_kanamori_model",
	"results.properties.structural.radial_distribution_function",
	"results.properties.structural.radius_of_gyration",
	"results.properties.structural.diffraction_pattern",
	"results.properties.dynamical.mean_squared_displacement",
	"results.properties.electronic.band_gap",
	"results.properties.electronic.dos_electronic.band_gap",
	"results.properties.electronic.dos_electronic_new.data.band_gap",
	"results.properties.electronic.band_structure_electronic.band_gap",
	"results.properties.catalytic.reaction.reactants",
	"results.properties.catalytic.reaction.products",
	"results.properties.catalytic.reaction.rates",
	"results.properties.mechanical.bulk_modulus",
	"results.properties.mechanical.shear_modulus",
	"results.properties.thermodynamic.trajectory",
	"results.properties.spectroscopic.spectra",
}

// of makes rows of one type.
func of(t Type, names ...string) []Quantity {
	rows := make([]Quantity, len(names))
	for i, name := range names {
		rows[i] = Quantity{Name: name, Type: t}
	}
	return rows
}

// lists makes rows of one type that can have several values.
func lists(t Type, names ...string) []Quantity {
	return with(of(t, names...), func(q *Quantity) { q.List = true })
}

// with changes each row.
func with(rows []Quantity, change func(*Quantity)) []Quantity {
	for i := range rows {
		change(&rows[i])
	}
	return rows
}

func guarded(guard Guard, rows ...[]Quantity) []Quantity {
	return with(slices.Concat(rows...), func(q *Quantity) { q.Guard = guard })
}

func sized(size int, rows []Quantity) []Quantity {
	return with(rows, func(q *Quantity) { q.Size = size })
}

func ofUpload(rows ...[]Quantity) []Quantity {
	return with(slices.Concat(rows...), func(q *Quantity) { q.OfUpload = true })
}

// second makes a row that reads the values of another path in its own way.
func second(name string, t Type, path string) []Quantity {
	return []Quantity{{Name: name, Type: t, Path: path}}
}

// table is the catalogue: every static search quantity (spec search-quantities.md §2, §8-§11).
func table() []group {
	return slices.Concat(metadataGroups(), materialGroups(), methodGroups(), propertyGroups())
}

func metadataGroups() []group {
	return []group{
		{"", slices.Concat(
			ofUpload(
				of(Keyword, "upload_name", "description", "license", "origin", "main_author.name", "main_author.user_id"),
				of(Date, "upload_create_time", "publish_time"),
				of(Bool, "published", "with_embargo"),
				of(Enum, "external_db"),
				lists(Keyword, "authors.name"),
				of(Section, "main_author", "authors"),
				second("main_author.name.text", Text, "main_author.name"),
				with(second("authors.name.text", Text, "authors.name"), func(q *Quantity) { q.List = true }),
			),
			ofUpload(guarded(GuardMembers,
				lists(Keyword, "writers.name", "writers.user_id", "viewers.name", "viewers.user_id", "writer_groups", "viewer_groups"),
				lists(Section, "writers", "viewers"),
				with(slices.Concat(second("writers.name.text", Text, "writers.name"), second("viewers.name.text", Text, "viewers.name")),
					func(q *Quantity) { q.List = true }),
			)),
			second("calc_id", Keyword, "entry_id"),
			of(Keyword, "entry_id", "upload_id", "entry_name", "entry_type", "parser_name", "mainfile", "mainfile_key",
				"nomad_version", "nomad_commit", "nomad_distro_commit_url", "external_id", "pid", "raw_id"),
			of(Date, "entry_create_time", "last_processing_time"),
			of(Enum, "process_status", "domain"),
			of(Bool, "processed", "readonly"),
			of(Int, "n_quantities"),
			of(Text, "comment"),
			lists(Keyword, "references", "quantities", "sections"),
			second("entry_name.prefix", Phrase, "entry_name"),
			second("mainfile.path", Segments, "mainfile"),
			second("mainfile_key.path", Segments, "mainfile_key"),
			with(second("quantities.path", Keyword, "quantities"), func(q *Quantity) { q.List = true }),
			guarded(GuardFull,
				lists(Keyword, "files", "processing_errors"),
				with(second("files.path", Segments, "files"), func(q *Quantity) { q.List = true }),
				lists(Words, "text_search_contents"),
			),
		)},
		{"datasets", slices.Concat(
			lists(Section, ""),
			lists(Keyword, ".dataset_id", ".dataset_name", ".doi"),
			lists(Date, ".dataset_create_time", ".dataset_modified_time"),
			lists(Enum, ".dataset_type"),
		)},
		{"section_defs.", slices.Concat(of(Keyword, "definition_qualified_name", "definition_id"), of(Bool, "used_directly"))},
		{"entry_references.", of(Keyword, "target_reference", "target_entry_id", "target_mainfile", "target_upload_id",
			"target_name", "target_path", "source_name", "source_path", "source_quantity")},
		{"search_quantities.", guarded(GuardFull,
			of(Keyword, "id", "definition", "path_archive", "str_value"), of(Bool, "bool_value"), of(Int, "int_value"),
			of(Float, "float_value"), of(Date, "datetime_value"))},
		{"optimade.", slices.Concat(
			lists(Keyword, "elements", "structure_features"),
			of(Int, "nelements", "nperiodic_dimensions", "nsites"),
			lists(Float, "elements_ratios"),
			of(Keyword, "chemical_formula_descriptive", "chemical_formula_reduced", "chemical_formula_hill", "chemical_formula_anonymous"))},
		{"results.eln.", slices.Concat(
			lists(Keyword, "sections", "tags", "instruments", "methods", "lab_ids"),
			lists(Text, "names", "descriptions"))},
	}
}
