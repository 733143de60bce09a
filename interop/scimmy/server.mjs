// A SCIM service that somebody else wrote: SCIMMY behind express, with its resources in memory. Rollcall's engine provisions it in a test, because a
// client that has only ever met its own server proves nothing.
//
//   ROLLCALL_SCIMMY_TOKEN            the bearer token that requests must carry (required)
//   ROLLCALL_SCIMMY_EXIT_WITH_STDIN  "1": end when standard input is closed, so that a killed test leaves no server behind
//
// It listens on 127.0.0.1 at a free port and prints one line: listening on http://127.0.0.1:PORT/scim
import { timingSafeEqual } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";
import { Directory } from "./store.mjs";

const token = process.env.ROLLCALL_SCIMMY_TOKEN;
if (!token) {
    console.error("ROLLCALL_SCIMMY_TOKEN is not set: give the bearer token that requests must carry");
    process.exit(2);
}

/** authenticate is SCIMMY's handler: throwing makes a 401. */
function authenticate(request) {
    const got = Buffer.from(request.header("Authorization") ?? "");
    const want = Buffer.from(`Bearer ${token}`);
    if (got.length !== want.length || !timingSafeEqual(got, want)) throw new Error("the bearer token is missing or wrong");
}

const directory = new Directory();
SCIMMY.Schemas.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
SCIMMY.Resources.declare(SCIMMY.Resources.User, {
    egress: ({ id, filter }) => directory.readUsers(id, filter),
    ingress: ({ id }, instance) => directory.writeUser(id, instance),
    degress: ({ id }) => directory.deleteUser(id),
});
SCIMMY.Resources.declare(SCIMMY.Resources.Group, {
    egress: ({ id, filter }) => directory.readGroups(id, filter),
    ingress: ({ id }, instance) => directory.writeGroup(id, instance),
    degress: ({ id }) => directory.deleteGroup(id),
});

const app = express().disable("x-powered-by");
app.use("/scim", new SCIMMYRouters({
    type: "bearer",
    handler: authenticate,
    baseUri: (request) => `http://${request.header("Host")}`,
}));

const server = app.listen(0, "127.0.0.1", (error) => {
    if (error) throw error;
    console.log(`listening on http://127.0.0.1:${server.address().port}/scim`);
});

const stop = () => {
    server.close();
    server.closeAllConnections();
};
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
if (process.env.ROLLCALL_SCIMMY_EXIT_WITH_STDIN === "1") {
    process.stdin.resume();
    process.stdin.once("close", stop);
}
