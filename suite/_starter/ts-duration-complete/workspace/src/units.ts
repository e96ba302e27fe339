export interface Unit {
  readonly name: string;
  readonly ms: number;
}

/** The units of time, largest first. Their names are written in lower case. */
export const units: readonly Unit[] = [
  { name: "w", ms: 604_800_000 },
  { name: "d", ms: 86_400_000 },
  { name: "h", ms: 3_600_000 },
  { name: "m", ms: 60_000 },
  { name: "s", ms: 1_000 },
  { name: "ms", ms: 1 },
];
