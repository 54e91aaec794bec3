// What may have become of a record. It goes "waiting" or "later" until the server has it, or has said why not.

export const OPEN = ["waiting", "later"];
// What the server does not have.
export const UNSENT = [...OPEN, "refused"];
// Whether a record still says what happened: it was not refused, and no other puts it right.
export const counts = ({ state }) => state !== "refused" && state !== "replaced";
