"""The table of units and the conversion between them."""

import json

maxDigits = 6

standardUnits = [
	("m", "length", 1.0),
	("km", "length", 1000.0),
	("cm", "length", 0.01),
	("in", "length", 0.0254),
	("g", "mass", 1.0),
	("kg", "mass", 1000.0),
	("lb", "mass", 453.59237),
	("ml", "volume", 1.0),
	("l", "volume", 1000.0),
	("cup", "volume", 236.588),
]


class unknownUnit(KeyError):
	"""There is no such unit."""


class kindMismatch(ValueError):
	"""Two units do not measure the same kind of thing."""


class unitEntry:
	"""One unit: its name, what it measures, and how many base units it is."""

	def __init__(self, unitName, unitKind, baseFactor):
		self.unitName = unitName
		self.unitKind = unitKind
		self.baseFactor = baseFactor

	def asDict(self):
		"""Return the unit as it is stored in files."""
		return {
			"unitName": self.unitName,
			"unitKind": self.unitKind,
			"baseFactor": self.baseFactor,
		}


class unitTable:
	"""Units by name."""

	def __init__(self):
		self._unitsByName = {}
		self._ratioCache = {}

	def addUnit(self, unitName, unitKind, baseFactor):
		"""Add a unit or change one. Raises ValueError unless baseFactor is above 0."""
		if not baseFactor > 0:
			raise ValueError(f"unit {unitName}: factor {baseFactor}, expected more than 0")
		self._unitsByName[unitName] = unitEntry(unitName, unitKind, baseFactor)
		self._ratioCache.clear()

	def findUnit(self, unitName):
		"""Return a unit. Raises unknownUnit."""
		try:
			return self._unitsByName[unitName]
		except KeyError:
			raise unknownUnit(unitName) from None

	def unitNames(self, unitKind=None):
		"""Return the names of all units, or of one kind, sorted."""
		allUnits = self._unitsByName.values()
		return sorted(u.unitName for u in allUnits if unitKind in (None, u.unitKind))

	def ratioOf(self, fromUnit, toUnit):
		"""Return how many toUnit one fromUnit is. Raises unknownUnit and kindMismatch."""
		cacheKey = (fromUnit, toUnit)
		if cacheKey not in self._ratioCache:
			source, target = self.findUnit(fromUnit), self.findUnit(toUnit)
			if source.unitKind != target.unitKind:
				raise kindMismatch(f"{fromUnit} is {source.unitKind}, not {target.unitKind}")
			self._ratioCache[cacheKey] = source.baseFactor / target.baseFactor
		return self._ratioCache[cacheKey]


def defaultTable():
	"""Return a new table with the standard units."""
	newTable = unitTable()
	for unitName, unitKind, baseFactor in standardUnits:
		newTable.addUnit(unitName, unitKind, baseFactor)
	return newTable


def convertValue(table, amount, fromUnit, toUnit, numDigits=maxDigits):
	"""Return an amount in another unit, rounded. Raises as unitTable.ratioOf does."""
	return round(amount * table.ratioOf(fromUnit, toUnit), numDigits)


def convertAll(table, amount, fromUnit, numDigits=maxDigits):
	"""Return an amount in every unit of the same kind, as (unit name, amount), by name."""
	unitKind = table.findUnit(fromUnit).unitKind
	return [
		(toUnit, convertValue(table, amount, fromUnit, toUnit, numDigits=numDigits))
		for toUnit in table.unitNames(unitKind=unitKind)
	]


def parseQuantity(text):
	"""Read a quantity such as "2.5 kg" as (amount, unit name). Raises ValueError."""
	numberPart, _, unitPart = text.strip().partition(" ")
	unitName = unitPart.strip()
	if not unitName:
		raise ValueError(f"quantity {text!r}: expected a number and a unit, such as 2.5 kg")
	return float(numberPart), unitName


def tableText(table):
	"""Return the table as lines of tab-separated name, kind and factor."""
	textLines = []
	for unitName in table.unitNames():
		entry = table.findUnit(unitName)
		textLines.append(f"{unitName}	{entry.unitKind}	{entry.baseFactor}")
	return "\n".join(textLines)


def saveTable(table):
	"""Return the table as JSON text, which loadTable and other programs read."""
	return json.dumps([table.findUnit(unitName).asDict() for unitName in table.unitNames()])


def loadTable(text):
	"""Return the table that saveTable wrote."""
	newTable = unitTable()
	for fields in json.loads(text):
		newTable.addUnit(fields["unitName"], fields["unitKind"], fields["baseFactor"])
	return newTable
