/** The 118 chemical elements: symbol, name, and column and row in the periodic table (rows 9 and 10 are the f-block below). */
export interface ChemicalElement {
  symbol: string;
  name: string;
  column: number;
  row: number;
}

const names =
  'H Hydrogen He Helium Li Lithium Be Beryllium B Boron C Carbon N Nitrogen O Oxygen F Fluorine Ne Neon Na Sodium Mg Magnesium Al Aluminium Si Silicon P Phosphorus S Sulfur Cl Chlorine Ar Argon K Potassium Ca Calcium Sc Scandium Ti Titanium V Vanadium Cr Chromium Mn Manganese Fe Iron Co Cobalt Ni Nickel Cu Copper Zn Zinc Ga Gallium Ge Germanium As Arsenic Se Selenium Br Bromine Kr Krypton Rb Rubidium Sr Strontium Y Yttrium Zr Zirconium Nb Niobium Mo Molybdenum Tc Technetium Ru Ruthenium Rh Rhodium Pd Palladium Ag Silver Cd Cadmium In Indium Sn Tin Sb Antimony Te Tellurium I Iodine Xe Xenon Cs Caesium Ba Barium La Lanthanum Ce Cerium Pr Praseodymium Nd Neodymium Pm Promethium Sm Samarium Eu Europium Gd Gadolinium Tb Terbium Dy Dysprosium Ho Holmium Er Erbium Tm Thulium Yb Ytterbium Lu Lutetium Hf Hafnium Ta Tantalum W Tungsten Re Rhenium Os Osmium Ir Iridium Pt Platinum Au Gold Hg Mercury Tl Thallium Pb Lead Bi Bismuth Po Polonium At Astatine Rn Radon Fr Francium Ra Radium Ac Actinium Th Thorium Pa Protactinium U Uranium Np Neptunium Pu Plutonium Am Americium Cm Curium Bk Berkelium Cf Californium Es Einsteinium Fm Fermium Md Mendelevium No Nobelium Lr Lawrencium Rf Rutherfordium Db Dubnium Sg Seaborgium Bh Bohrium Hs Hassium Mt Meitnerium Ds Darmstadtium Rg Roentgenium Cn Copernicium Nh Nihonium Fl Flerovium Mc Moscovium Lv Livermorium Ts Tennessine Og Oganesson'.split(
    ' ',
  );

// The last atomic number of each row; within a row the columns fill from the left and, after the gap, from the right.
const rowEnds = [2, 10, 18, 36, 54, 86, 118];
const lanthanum = 57;
const actinium = 89;
const fBlock = 14;

function placeOf(number: number): [column: number, row: number] {
  if (number >= lanthanum && number < lanthanum + fBlock) return [3 + number - lanthanum, 9];
  if (number >= actinium && number < actinium + fBlock) return [3 + number - actinium, 10];
  const row = rowEnds.findIndex((end) => number <= end);
  const start = row === 0 ? 0 : (rowEnds[row - 1] ?? 0);
  const end = rowEnds[row] ?? number;
  const fromLeft = number - start;
  // Group 1 and 2 stand at the left; everything else counts back from the noble gas in column 18.
  return [fromLeft <= 2 && !(row === 0 && fromLeft === 2) ? fromLeft : 18 - (end - number), row + 1];
}

export const elements: readonly ChemicalElement[] = Array.from({ length: names.length / 2 }, (_, index) => {
  const [column, row] = placeOf(index + 1);
  return { symbol: names[2 * index] ?? '', name: names[2 * index + 1] ?? '', column, row };
});
