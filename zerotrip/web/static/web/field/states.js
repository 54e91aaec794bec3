// What may have become of a record. It goes "waiting" or "later" until the server has it, or has said why not.

export const OPEN = ["waiting", "later"];
// What the server does not have.
export const UNSENT = [...OPEN, "refused"];
// Whether a record still says what happened: it was not refused, no other puts it right, and it was not given up.
export const counts = ({ state }) => !["refused", "replaced", "aside"].includes(state);

// Whether a record may be cleared away: the server has it, or another in its place; of one that was put aside, which
// nobody else has, once it was exported.
export const mayGo = ({ state, notice, handed }) => !UNSENT.includes(state) && !notice && (state !== "aside" || Boolean(handed));

// Kinds of records that are of a tube.
export const OF_TUBES = ["sample", "seal"];
