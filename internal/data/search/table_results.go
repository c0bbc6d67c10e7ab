package search

import "slices"

// formulas are the quantities of the chemical formula, below a material or a system of its topology.
func formulas() []Quantity {
	return slices.Concat(
		of(Keyword, "chemical_formula_descriptive", "chemical_formula_reduced", "chemical_formula_anonymous"),
		[]Quantity{
			{Name: "chemical_formula_hill", Form: Hill},
			{Name: "chemical_formula_iupac", Form: IUPAC},
			{Name: "elements", Type: Enum, List: true, AllByDefault: true},
		},
		lists(Text, "chemical_formula_reduced_fragments"),
		of(Keyword, "elements_exclusive"),
		of(Int, "n_elements"),
		of(Enum, "elemental_composition.element"),
		of(Float, "elemental_composition.atomic_fraction", "elemental_composition.mass_fraction"),
		of(Enum, "symmetry.bravais_lattice", "symmetry.crystal_system"),
		of(Int, "symmetry.hall_number", "symmetry.space_group_number"),
		of(Keyword, "symmetry.hall_symbol", "symmetry.point_group", "symmetry.space_group_symbol", "symmetry.strukturbericht_designation"),
	)
}

func materialGroups() []group {
	return []group{
		{"results.material.", slices.Concat(formulas(),
			of(Keyword, "material_id", "material_name", "symmetry.prototype_aflow_id", "symmetry.prototype_formula"),
			of(Enum, "structural_type", "dimensionality", "building_block", "symmetry.structure_name"),
			sized(20, lists(Keyword, "functional_type", "compound_type")),
		)},
		{"results.material.topology.", slices.Concat(formulas(),
			of(Keyword, "system_id", "description", "material_id", "parent_system", "label", "material_name", "sbu_type",
				"symmetry.prototype_label_aflow", "symmetry.prototype_name"),
			lists(Keyword, "child_systems"),
			of(Enum, "method", "structural_type", "dimensionality", "building_block", "system_relation.type"),
			sized(20, lists(Keyword, "functional_type", "compound_type")),
			of(Float, "atomic_fraction", "mass_fraction", "void_fraction", "largest_cavity_diameter", "pore_limiting_diameter",
				"largest_included_sphere_along_free_sphere_path", "accessible_surface_area", "accessible_volume"),
			of(Int, "n_atoms", "n_channels", "sbu_coordination_number"),
			of(Float, "cell.a", "cell.b", "cell.c", "cell.alpha", "cell.beta", "cell.gamma", "cell.volume",
				"cell.atomic_density", "cell.mass_density"),
			of(Int, "active_orbitals.n_quantum_number", "active_orbitals.degeneracy"),
			lists(Float, "active_orbitals.j_quantum_number", "active_orbitals.mj_quantum_number"),
			of(Float, "active_orbitals.n_electrons_excited", "active_orbitals.occupation"),
			of(Keyword, "active_orbitals.l_quantum_symbol", "active_orbitals.ml_quantum_symbol", "active_orbitals.ms_quantum_symbol"),
		)},
	}
}

func methodGroups() []group {
	return []group{
		{"results.method.", slices.Concat(of(Keyword, "method_id", "workflow_name"), of(Enum, "method_name"))},
		{"results.method.simulation.", slices.Concat(
			of(Keyword, "program_name", "program_version", "program_version_internal"),
			of(Enum, "dft.basis_set_type", "dft.core_electron_treatment", "dft.relativity_method"),
			of(Keyword, "dft.van_der_Waals_method", "dft.smearing_kind"),
			lists(Keyword, "dft.xc_functional_names"),
			sized(100, of(Enum, "dft.jacobs_ladder", "dft.xc_functional_type")),
			of(Bool, "dft.spin_polarized"),
			of(Float, "dft.scf_threshold_energy_change", "dft.smearing_width", "dft.exact_exchange_mixing_factor",
				"dft.hubbard_kanamori_model.u_effective", "dft.hubbard_kanamori_model.u", "dft.hubbard_kanamori_model.j"),
			of(Enum, "tb.type", "tb.localization_type", "gw.type", "gw.basis_set_type", "gw.starting_point_type"),
			lists(Keyword, "gw.starting_point_names", "bse.starting_point_names"),
			of(Enum, "bse.type", "bse.basis_set_type", "bse.solver", "bse.gw_type", "bse.starting_point_type",
				"dmft.impurity_solver_type", "dmft.magnetic_state", "dmft.analytical_continuation"),
			of(Float, "dmft.inverse_temperature", "dmft.u", "dmft.jh"),
			of(Keyword, "precision.native_tier"),
			of(Enum, "precision.basis_set"),
			of(Float, "precision.k_line_density", "precision.planewave_cutoff", "precision.apw_cutoff"),
		)},
		{"results.method.measurement.", of(Enum, "xrd.diffraction_method_name")},
	}
}

func propertyGroups() []group {
	const properties = "results.properties."
	dynamics := slices.Concat(of(Keyword, "provenance.label"), of(Float, "provenance.molecular_dynamics.time_step"),
		of(Enum, "provenance.molecular_dynamics.ensemble_type"))
	gap := slices.Concat(of(Int, "index"), of(Float, "value"), of(Enum, "type"), of(Keyword, "provenance.label"))
	lattice := slices.Concat(of(Int, "nperiodic_dimensions", "n_sites"), of(Float, "cell_volume",
		"lattice_parameters.a", "lattice_parameters.b", "lattice_parameters.c",
		"lattice_parameters.alpha", "lattice_parameters.beta", "lattice_parameters.gamma"))
	modulus := slices.Concat(of(Enum, "type"), of(Float, "value"))
	return slices.Concat([]group{
		{properties, slices.Concat(of(Int, "n_calculations"), lists(Keyword, "available_properties"))},
		{properties + "structural.radial_distribution_function.", slices.Concat(of(Enum, "type"), of(Keyword, "label"), dynamics)},
		{properties + "structural.radius_of_gyration.", slices.Concat(of(Keyword, "kind", "label"), dynamics)},
		{properties + "structural.diffraction_pattern.", of(Float, "incident_beam_wavelength")},
		{properties + "dynamical.mean_squared_displacement.", slices.Concat(of(Enum, "type"), of(Keyword, "label"), dynamics)},
		{properties + "structures.structure_original.", lattice},
		{properties + "structures.structure_conventional.", lattice},
		{properties + "structures.structure_primitive.", lattice},
		{properties + "electronic.", of(Bool, "dos_electronic.spin_polarized", "dos_electronic_new.spin_polarized",
			"band_structure_electronic.spin_polarized", "dos_electronic_new.has_projected")},
		{properties + "electronic.band_gap.", gap},
		{properties + "electronic.dos_electronic.band_gap.", gap},
		{properties + "electronic.dos_electronic_new.data.band_gap.", gap},
		{properties + "electronic.band_structure_electronic.band_gap.", gap},
		{properties + "magnetic.", of(Enum, "spin_spin_coupling.source", "magnetic_susceptibility.source")},
		{properties + "optoelectronic.solar_cell.", slices.Concat(
			of(Float, "efficiency", "fill_factor", "open_circuit_voltage", "short_circuit_current_density",
				"illumination_intensity", "device_area"),
			of(Keyword, "device_architecture"),
			lists(Keyword, "device_stack", "absorber", "absorber_fabrication", "electron_transport_layer",
				"hole_transport_layer", "substrate", "back_contact"))},
		{properties + "mechanical.energy_volume_curve.", of(Enum, "type")},
		{properties + "mechanical.bulk_modulus.", modulus},
		{properties + "mechanical.shear_modulus.", modulus},
		{properties + "thermodynamic.trajectory.", slices.Concat(lists(Enum, "available_properties"), dynamics)},
		{properties + "spectroscopic.spectra.", slices.Concat(of(Enum, "type", "label"), of(Keyword, "provenance.label",
			"provenance.eels.detector_type"), of(Float, "provenance.eels.resolution", "provenance.eels.max_energy", "provenance.eels.min_energy"))},
		{properties + "geometry_optimization.", of(Float, "convergence_tolerance_energy_difference", "final_energy_difference",
			"convergence_tolerance_force_maximum", "final_force_maximum", "final_displacement_maximum")},
	}, catalysis(properties+"catalytic."))
}

func catalysis(prefix string) []group {
	return []group{
		{prefix + "reaction.", slices.Concat(of(Keyword, "name"), lists(Keyword, "type"))},
		{prefix + "reaction.reactants.", slices.Concat(of(Keyword, "name"),
			lists(Float, "mole_fraction_in", "mole_fraction_out", "conversion"))},
		{prefix + "reaction.products.", slices.Concat(of(Keyword, "name"),
			lists(Float, "mole_fraction_in", "mole_fraction_out", "selectivity", "space_time_yield", "faradaic_efficiency"))},
		{prefix + "reaction.rates.", slices.Concat(of(Keyword, "name"),
			lists(Float, "reaction_rate", "specific_mass_rate", "specific_surface_area_rate", "turnover_frequency"))},
		{prefix + "reaction.reaction_conditions.", lists(Float, "temperature", "pressure", "weight_hourly_space_velocity",
			"gas_hourly_space_velocity", "flow_rate", "time_on_stream", "current_density", "electrical_potential")},
		{prefix + "reaction.reaction_mechanism.", slices.Concat(lists(Keyword, "initial_states", "final_states"),
			of(Float, "reaction_enthalpy", "activation_energy"))},
		{prefix + "catalyst.", slices.Concat(of(Keyword, "catalyst_name", "preparation_method", "support"),
			lists(Keyword, "catalyst_type", "characterization_methods"), of(Float, "surface_area"))},
	}
}
