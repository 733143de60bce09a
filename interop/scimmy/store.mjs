// The memory behind the SCIMMY service: resources as SCIMMY handed them over, plus the few rules that SCIMMY leaves to its application
// (ids, unique user names, members that exist, times). Nothing here bends towards Rollcall: a target that helps its tester tests nothing.
import { randomUUID } from "node:crypto";
import SCIMMY from "scimmy";

const { Error: SCIMError } = SCIMMY.Types;

/** plain strips SCIMMY's schema instance of its class: what is kept is JSON, as a database would keep it. */
const plain = (instance) => JSON.parse(JSON.stringify(instance));

/** fold is the comparison of userName: not case exact (RFC 7643 section 4.1.1). */
const fold = (text) => String(text).normalize("NFC").toLowerCase();

const notFound = (type, id) => new SCIMError(404, null, `${type} ${id} not found`);

/** Collection holds the resources of one type in order of creation. */
export class Collection {
    #type;
    #rows = new Map();

    /** @param {string} type - name of the resource type, for messages */
    constructor(type) {
        this.#type = type;
    }

    has(id) {
        return this.#rows.has(id);
    }

    all() {
        return [...this.#rows.values()];
    }

    /** read answers one resource (404 when there is none), or all that match the request's filter. */
    read(id, filter) {
        if (id === undefined) return filter ? filter.match(this.all()) : this.all();
        if (!this.#rows.has(id)) throw notFound(this.#type, id);
        return this.#rows.get(id);
    }

    /** write creates when id is undefined, and otherwise replaces what id holds; the server's own attributes survive. */
    write(id, instance) {
        if (id !== undefined && !this.#rows.has(id)) throw notFound(this.#type, id);
        const now = new Date().toISOString();
        const { created = now } = this.#rows.get(id)?.meta ?? {};
        const key = id ?? randomUUID();
        const row = { ...plain(instance), id: key, meta: { resourceType: this.#type, created, lastModified: now } };
        this.#rows.set(key, row);
        return row;
    }

    /** dispose deletes; deleting what does not exist is a 404. */
    dispose(id) {
        if (!this.#rows.delete(id)) throw notFound(this.#type, id);
    }
}

/** Directory is the two collections and the rules between them. */
export class Directory {
    users = new Collection("User");
    groups = new Collection("Group");

    readUsers(id, filter) {
        return this.users.read(id, filter);
    }

    writeUser(id, instance) {
        const taken = this.users.all().find((u) => u.id !== id && fold(u.userName) === fold(instance.userName));
        if (taken) throw new SCIMError(409, "uniqueness", `userName "${instance.userName}" is taken by another user`);
        return this.users.write(id, instance);
    }

    /** A deleted user leaves every group: a member that does not exist would be a lie. */
    deleteUser(id) {
        this.users.dispose(id);
        this.#forget(id);
    }

    readGroups(id, filter) {
        return this.groups.read(id, filter);
    }

    writeGroup(id, instance) {
        for (const { value } of instance.members ?? []) {
            if (!this.users.has(value) && !this.groups.has(value))
                throw new SCIMError(400, "invalidValue", `member "${value}" is neither a user nor a group of this service`);
        }
        return this.groups.write(id, instance);
    }

    deleteGroup(id) {
        this.groups.dispose(id);
        this.#forget(id);
    }

    #forget(id) {
        for (const group of this.groups.all()) {
            const members = (group.members ?? []).filter((m) => m.value !== id);
            if (members.length !== (group.members ?? []).length) this.groups.write(group.id, { ...group, members });
        }
    }
}
