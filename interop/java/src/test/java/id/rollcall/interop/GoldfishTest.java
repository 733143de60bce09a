package id.rollcall.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.TextNode;
import de.captaingoldfish.scim.sdk.client.ScimClientConfig;
import de.captaingoldfish.scim.sdk.client.ScimRequestBuilder;
import de.captaingoldfish.scim.sdk.client.resources.MetaConfiguration;
import de.captaingoldfish.scim.sdk.client.resources.ResourceType;
import de.captaingoldfish.scim.sdk.client.response.ServerResponse;
import de.captaingoldfish.scim.sdk.common.constants.EndpointPaths;
import de.captaingoldfish.scim.sdk.common.constants.enums.Comparator;
import de.captaingoldfish.scim.sdk.common.constants.enums.HttpMethod;
import de.captaingoldfish.scim.sdk.common.constants.enums.PatchOp;
import de.captaingoldfish.scim.sdk.common.constants.enums.SortOrder;
import de.captaingoldfish.scim.sdk.common.resources.EnterpriseUser;
import de.captaingoldfish.scim.sdk.common.resources.Group;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.resources.base.ScimObjectNode;
import de.captaingoldfish.scim.sdk.common.resources.complex.Name;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Email;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Member;
import de.captaingoldfish.scim.sdk.common.response.BulkResponse;
import de.captaingoldfish.scim.sdk.common.response.ErrorResponse;
import de.captaingoldfish.scim.sdk.common.response.ListResponse;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The client library of SCIM-SDK, scim-sdk-client. A value that its PATCH is given as JSON, it puts into a list. */
class GoldfishTest {
  private final ScimRequestBuilder scim = new ScimRequestBuilder(Service.URL, ScimClientConfig.builder().socketTimeout(30).requestTimeout(30).connectTimeout(30)
      .httpHeaders(Map.of("Authorization", "Bearer " + Service.TOKEN)).build());

  @AfterEach
  void close() {
    scim.close();
  }

  private static <N extends ScimObjectNode> ServerResponse<N> ok(ServerResponse<N> response, int status) {
    assertEquals(Integer.valueOf(status), response.getHttpStatus(), response.getResponseBody());
    assertTrue(response.isSuccess(), response.getResponseBody());
    typed(response);
    return response;
  }

  /** What the library puts together from several answers has no headers, and its own check of them, isValidScimResponse, fails there. */
  private static void typed(ServerResponse<?> response) {
    if (response.getHttpHeaders() == null) {
      return;
    }
    String type = response.getHttpHeaders().entrySet().stream().filter(h -> h.getKey().equalsIgnoreCase("Content-Type")).map(Map.Entry::getValue)
        .findFirst().orElse("");
    assertEquals("application/scim+json", type);
  }

  private static void refused(ServerResponse<?> response, int status, String scimType) {
    assertEquals(Integer.valueOf(status), response.getHttpStatus(), response.getResponseBody());
    typed(response);
    ErrorResponse error = response.getErrorResponse();
    assertEquals(status, error.getStatus());
    assertEquals(scimType, error.getScimType().orElse(""));
    assertFalse(error.getDetail().orElse("").isEmpty());
  }

  private User create(User user) {
    return ok(scim.create(User.class, EndpointPaths.USERS).setResource(user).sendRequest(), 201).getResource();
  }

  private User create(String prefix) {
    return create(User.builder().userName(Service.unique(prefix)).build());
  }

  private ServerResponse<User> patch(String id, PatchOp op, String path, String value) {
    return scim.patch(User.class, EndpointPaths.USERS, id).addOperation().op(op).path(path).valueNode(value == null ? null : new TextNode(value)).build().sendRequest();
  }

  @Test
  void theWholeConfigurationCanBeLoaded() {
    ServerResponse<MetaConfiguration> response = scim.loadMetaConfiguration().sendRequest();
    MetaConfiguration config = ok(response, 200).getResource();
    assertTrue(config.getServiceProvider().getPatchConfig().isSupported());
    assertTrue(config.getServiceProvider().getETagConfig().isSupported());
    Set<String> schemas = config.getSchemas().stream().map(s -> s.getId().orElseThrow()).collect(Collectors.toSet());
    for (ResourceType type : config.getResourceTypes()) {
      assertTrue(schemas.contains(type.getSchema()), type.getSchema());
      type.getSchemaExtensions().forEach(extension -> assertTrue(schemas.contains(extension.getSchema()), extension.getSchema()));
    }
  }

  @Test
  void aUserLivesAndGoes() {
    String name = Service.unique("life");
    User sent = User.builder().userName(name).name(Name.builder().givenName("Åsa").familyName("Öberg").build()).active(true)
        .emails(List.of(Email.builder().value(name + "@example.com").type("work").primary(true).build()))
        .enterpriseUser(EnterpriseUser.builder().department("Dep").build()).build();
    User created = create(sent);
    String id = created.getId().orElseThrow();
    User read = ok(scim.get(User.class, EndpointPaths.USERS, id).sendRequest(), 200).getResource();
    assertEquals(created, read);
    assertEquals("Öberg", read.getName().orElseThrow().getFamilyName().orElseThrow());
    assertEquals("Dep", read.getEnterpriseUser().orElseThrow().getDepartment().orElseThrow());
    assertEquals(name + "@example.com", read.getEmails().get(0).getValue().orElseThrow());

    read.setTitle("T");
    User replaced = ok(scim.update(User.class, EndpointPaths.USERS, id).setResource(read).sendRequest(), 200).getResource();
    assertEquals("T", replaced.getTitle().orElseThrow());

    assertEquals(Integer.valueOf(204), scim.delete(User.class, EndpointPaths.USERS, id).sendRequest().getHttpStatus());
    refused(scim.get(User.class, EndpointPaths.USERS, id).sendRequest(), 404, "");
    refused(scim.delete(User.class, EndpointPaths.USERS, id).sendRequest(), 404, "");
  }

  @Test
  void operationsOfAPatch() {
    String id = create("patch").getId().orElseThrow();
    assertEquals("A", ok(patch(id, PatchOp.ADD, "displayName", "A"), 200).getResource().getDisplayName().orElseThrow());
    assertEquals("B", ok(patch(id, PatchOp.REPLACE, "displayName", "B"), 200).getResource().getDisplayName().orElseThrow());
    assertTrue(ok(patch(id, PatchOp.REMOVE, "displayName", null), 200).getResource().getDisplayName().isEmpty());
    User two = ok(scim.patch(User.class, EndpointPaths.USERS, id)
        .addOperation().op(PatchOp.ADD).path("emails").valueNode(Email.builder().value("w@x.example").type("work").build())
        .next().op(PatchOp.ADD).path("emails").valueNode(Email.builder().value("h@x.example").type("home").build())
        .next().op(PatchOp.REPLACE).path("emails[type eq \"home\"].value").valueNode(new TextNode("n@x.example"))
        .build().sendRequest(), 200).getResource();
    assertEquals(Set.of("w@x.example", "n@x.example"), two.getEmails().stream().map(e -> e.getValue().orElseThrow()).collect(Collectors.toSet()));
    User text = ok(scim.patch(User.class, EndpointPaths.USERS, id).addOperation().op(PatchOp.REPLACE).path("active").value("false")
        .next().op(PatchOp.ADD).path("title").value("T").build().sendRequest(), 200).getResource();
    assertFalse(text.isActive().orElseThrow());
    assertEquals("T", text.getTitle().orElseThrow());
    refused(patch(id, PatchOp.REPLACE, "emails[type eq \"other\"].value", "x"), 400, "noTarget");
    refused(patch(id, PatchOp.REPLACE, "id", "x"), 400, "mutability");
    refused(patch(id, PatchOp.REPLACE, "no.such", "x"), 400, "invalidPath");
  }

  @Test
  void listsAreFilteredSortedAndPaged() {
    String mark = Service.unique("l");
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      expected.add(create(User.builder().userName("u" + i + mark).title(mark).active(i != 2).build()).getUserName().orElseThrow());
    }
    List<String> got = new ArrayList<>();
    for (long start = 1; start <= 5; start += 2) {
      ListResponse<User> page = ok(scim.list(User.class, EndpointPaths.USERS).filter("title", Comparator.EQ, mark).build()
          .sortBy("userName").sortOrder(SortOrder.ASCENDING).startIndex(start).count(2).get().sendRequest(), 200).getResource();
      assertEquals(5, page.getTotalResults());
      page.getListedResources().forEach(u -> got.add(u.getUserName().orElseThrow()));
    }
    assertEquals(expected, got);

    ListResponse<User> posted = ok(scim.list(User.class, EndpointPaths.USERS).filter("title", Comparator.EQ, mark).and("active", Comparator.EQ, false).build()
        .attributes("userName").post().sendRequest(), 200).getResource();
    assertEquals(List.of("u2" + mark), posted.getListedResources().stream().map(u -> u.getUserName().orElseThrow()).collect(Collectors.toList()));
    assertTrue(posted.getListedResources().get(0).getTitle().isEmpty());

    ListResponse<User> all = ok(scim.list(User.class, EndpointPaths.USERS).filter("title", Comparator.EQ, mark).build().get().getAll(), 200).getResource();
    assertEquals(new HashSet<>(expected), all.getListedResources().stream().map(u -> u.getUserName().orElseThrow()).collect(Collectors.toSet()));
    refused(scim.list(User.class, EndpointPaths.USERS).filter("title eq").get().sendRequest(), 400, "invalidFilter");
  }

  @Test
  void conditionsAreKept() {
    User first = create("etag");
    String id = first.getId().orElseThrow();
    String version = first.getMeta().orElseThrow().getVersion().orElseThrow().getEntityTag();
    assertEquals(Integer.valueOf(304), scim.get(User.class, EndpointPaths.USERS, id).setETagForIfNoneMatch(version).sendRequest().getHttpStatus());
    String next = ok(patch(id, PatchOp.REPLACE, "title", "2"), 200).getResource().getMeta().orElseThrow().getVersion().orElseThrow().getEntityTag();
    assertNotEquals(version, next);
    refused(scim.update(User.class, EndpointPaths.USERS, id).setETagForIfMatch(version).setResource(first).sendRequest(), 412, "");
    refused(scim.delete(User.class, EndpointPaths.USERS, id).setETagForIfMatch(version).sendRequest(), 412, "");
    assertEquals(Integer.valueOf(204), scim.delete(User.class, EndpointPaths.USERS, id).setETagForIfMatch(next).sendRequest().getHttpStatus());
  }

  @Test
  void groupsHoldTheirMembers() {
    String user = create("member").getId().orElseThrow();
    Group group = ok(scim.create(Group.class, EndpointPaths.GROUPS)
        .setResource(Group.builder().displayName(Service.unique("G")).members(List.of(Member.builder().value(user).type("User").build())).build())
        .sendRequest(), 201).getResource();
    String id = group.getId().orElseThrow();
    assertEquals(user, group.getMembers().get(0).getValue().orElseThrow());
    assertEquals(id, ok(scim.get(User.class, EndpointPaths.USERS, user).sendRequest(), 200).getResource().getGroups().get(0).getValue().orElseThrow());
    Group without = ok(scim.patch(Group.class, EndpointPaths.GROUPS, id).addOperation().op(PatchOp.REMOVE).path("members[value eq \"" + user + "\"]").build()
        .sendRequest(), 200).getResource();
    assertTrue(without.getMembers().isEmpty());
    refused(scim.create(Group.class, EndpointPaths.GROUPS).setResource(group.toString()).sendRequest(), 409, "uniqueness");
  }

  private static String idOf(BulkResponse answer, String bulkId) {
    String location = answer.getByBulkId(bulkId).orElseThrow().getLocation().orElseThrow();
    return location.substring(location.lastIndexOf('/') + 1);
  }

  @Test
  void aBulkRequestStopsAtItsFirstError() {
    String name = create("there").getUserName().orElseThrow();
    String user = Service.unique("bulk");
    ServerResponse<BulkResponse> response = scim.bulk().failOnErrors(1)
        .bulkRequestOperation(EndpointPaths.USERS).method(HttpMethod.POST).bulkId("u").data(User.builder().userName(user).build()).next()
        .bulkRequestOperation(EndpointPaths.GROUPS).method(HttpMethod.POST).bulkId("g")
        .data(Group.builder().displayName(Service.unique("G")).members(List.of(Member.builder().value("bulkId:u").build())).build()).next()
        .bulkRequestOperation(EndpointPaths.USERS).method(HttpMethod.POST).bulkId("twice").data(User.builder().userName(name).build()).next()
        .bulkRequestOperation(EndpointPaths.USERS).method(HttpMethod.POST).bulkId("never").data(User.builder().userName(Service.unique("never")).build())
        .sendRequest();
    BulkResponse answer = ok(response, 200).getResource();
    assertEquals(List.of(201, 201, 409), answer.getBulkResponseOperations().stream().map(o -> o.getStatus()).collect(Collectors.toList()));
    String group = idOf(answer, "g");
    String member = ok(scim.get(Group.class, EndpointPaths.GROUPS, group).sendRequest(), 200).getResource().getMembers().get(0).getValue().orElseThrow();
    assertEquals(idOf(answer, "u"), member);
    assertTrue(answer.getByBulkId("never").isEmpty());
  }

  @Test
  void errorsTellWhatIsWrong() throws Exception {
    User user = create("twice");
    refused(scim.create(User.class, EndpointPaths.USERS).setResource(User.builder().userName(user.getUserName().orElseThrow()).build()).sendRequest(), 409, "uniqueness");
    refused(scim.create(User.class, EndpointPaths.USERS).setResource("{\"title\":\"no name\"}").sendRequest(), 400, "invalidValue");
    refused(scim.create(User.class, EndpointPaths.USERS).setResource("{\"userName\":").sendRequest(), 400, "invalidSyntax");
    HttpResponse<String> stranger = Service.get("/Users", "wrong");
    assertEquals(401, stranger.statusCode());
    assertTrue(stranger.headers().firstValue("WWW-Authenticate").orElse("").startsWith("Bearer"));
    assertEquals("application/scim+json", stranger.headers().firstValue("Content-Type").orElse(""));
  }
}
