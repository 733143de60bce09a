package id.rollcall.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.exceptions.BadRequestException;
import com.unboundid.scim2.common.exceptions.NotImplementedException;
import com.unboundid.scim2.common.exceptions.NotModifiedException;
import com.unboundid.scim2.common.exceptions.PreconditionFailedException;
import com.unboundid.scim2.common.exceptions.ResourceConflictException;
import com.unboundid.scim2.common.exceptions.ResourceNotFoundException;
import com.unboundid.scim2.common.exceptions.ScimException;
import com.unboundid.scim2.common.exceptions.UnauthorizedException;
import com.unboundid.scim2.common.filters.Filter;
import com.unboundid.scim2.common.messages.ListResponse;
import com.unboundid.scim2.common.messages.PatchOperation;
import com.unboundid.scim2.common.messages.SortOrder;
import com.unboundid.scim2.common.types.Email;
import com.unboundid.scim2.common.types.EnterpriseUserExtension;
import com.unboundid.scim2.common.types.Manager;
import com.unboundid.scim2.common.types.Name;
import com.unboundid.scim2.common.types.PhoneNumber;
import com.unboundid.scim2.common.types.ResourceTypeResource;
import com.unboundid.scim2.common.types.SchemaResource;
import com.unboundid.scim2.common.types.ServiceProviderConfigResource;
import com.unboundid.scim2.common.types.UserResource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Users and discovery through the client library of UnboundID (Ping Identity), scim2-sdk-client. */
class PingScimTest {
  private static final String ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

  private final ScimService scim = Ping.connect(Service.TOKEN);

  private UserResource create(String userName) throws ScimException {
    return scim.create("Users", new UserResource().setUserName(userName));
  }

  private List<String> found(String filter) throws ScimException {
    return names(scim.search("Users", filter, UserResource.class));
  }

  private static List<String> names(ListResponse<UserResource> page) {
    return page.getResources().stream().map(UserResource::getUserName).collect(Collectors.toList());
  }

  @Test
  void theConfigurationSaysWhatIsTrue() throws Exception {
    ServiceProviderConfigResource config = scim.getServiceProviderConfig();
    assertTrue(config.getPatch().isSupported());
    assertTrue(config.getFilter().isSupported());
    assertTrue(config.getSort().isSupported());
    assertTrue(config.getEtag().isSupported());
    assertFalse(config.getChangePassword().isSupported());
    assertTrue(config.getPagination().supportsIndexPagination());
    assertTrue(config.getPagination().supportsCursorPagination());
    assertEquals("index", config.getPagination().getDefaultPaginationMethod());
    assertFalse(config.getAuthenticationSchemes().isEmpty());
  }

  @Test
  void resourceTypesLeadToTheirSchemas() throws Exception {
    Set<String> types = new HashSet<>();
    for (ResourceTypeResource listed : scim.getResourceTypes()) {
      ResourceTypeResource type = scim.getResourceType(listed.getName());
      types.add(type.getName());
      SchemaResource schema = scim.getSchema(type.getSchema().toString());
      assertFalse(schema.getAttributes().isEmpty(), schema.getId());
      if (type.getSchemaExtensions() != null) {
        for (ResourceTypeResource.SchemaExtension extension : type.getSchemaExtensions()) {
          assertEquals(extension.getSchema().toString(), scim.getSchema(extension.getSchema().toString()).getId());
        }
      }
    }
    assertTrue(types.containsAll(List.of("User", "Group")), types.toString());
    assertThrows(ResourceNotFoundException.class, () -> scim.getSchema("urn:example:no:such:schema"));
  }

  @Test
  void aFullUserComesBackAsItWasSent() throws Exception {
    String name = Service.unique("full");
    UserResource sent = new UserResource().setUserName(name).setActive(true).setDisplayName("Åsa Öberg").setTitle("Ärztin");
    sent.setName(new Name().setGivenName("Åsa").setFamilyName("Öberg")).setPreferredLanguage("sv-SE").setTimezone("Europe/Stockholm");
    sent.setEmails(new Email().setValue(name + "@example.com").setType("work").setPrimary(true), new Email().setValue("b@home.example").setType("home"));
    sent.setPhoneNumbers(new PhoneNumber().setValue("+46 8 123 456").setType("work"));
    sent.setExternalId(name);
    sent.setExtension(new EnterpriseUserExtension().setDepartment("Surgery").setEmployeeNumber("7").setManager(new Manager().setValue("42")));

    UserResource created = scim.create("Users", sent);
    UserResource read = scim.retrieve("Users", created.getId(), UserResource.class);

    assertEquals(created, read);
    assertEquals(sent.getName(), read.getName());
    assertEquals(sent.getEmails(), read.getEmails());
    assertEquals(sent.getPhoneNumbers(), read.getPhoneNumbers());
    assertEquals(name, read.getExternalId());
    EnterpriseUserExtension extension = read.getExtension(EnterpriseUserExtension.class);
    assertEquals("Surgery", extension.getDepartment());
    assertEquals("42", extension.getManager().getValue());
    assertEquals("User", read.getMeta().getResourceType());
    assertTrue(read.getMeta().getLocation().toString().endsWith("/Users/" + read.getId()));
    assertEquals(read, scim.retrieve(read.getMeta().getLocation(), UserResource.class));
  }

  @Test
  void aSecondUserOfTheNameIsAConflict() throws Exception {
    String name = Service.unique("Twice");
    create(name);
    ResourceConflictException e = assertThrows(ResourceConflictException.class, () -> create(name.toUpperCase()));
    assertEquals("uniqueness", e.getScimError().getScimType());
    assertEquals(Integer.valueOf(409), e.getScimError().getStatus());
  }

  @Test
  void filtersFindWhatTheyName() throws Exception {
    String mark = Service.unique("f");
    for (int i = 0; i < 3; i++) {
      UserResource u = new UserResource().setUserName("u" + i + mark).setTitle(mark).setActive(i != 1);
      u.setEmails(new Email().setValue("w" + i + "@work.example").setType("work"), new Email().setValue("h@home.example").setType("home"));
      u.setExtension(new EnterpriseUserExtension().setDepartment("D" + i));
      scim.create("Users", u);
    }
    String all = "title eq \"" + mark + "\"";
    assertEquals(3, found(all).size());
    assertEquals(List.of("u0" + mark), found(Filter.eq("userName", "U0" + mark.toUpperCase()).toString()));
    assertEquals(List.of("u1" + mark), found(all + " and active eq false"));
    assertEquals(2, found(all + " and not (userName sw \"u2\")").size());
    assertEquals(List.of("u2" + mark), found(all + " and emails[type eq \"work\" and value sw \"w2@\"]"));
    assertEquals(0, found(all + " and emails[type eq \"home\" and value ew \"work.example\"]").size());
    assertEquals(List.of("u1" + mark), found(all + " and " + ENTERPRISE + ":department eq \"D1\""));
    assertEquals(2, found(all + " and (userName co \"u0\" or userName co \"u1\")").size());
    assertEquals(3, found(all + " and meta.lastModified gt \"2020-01-01T00:00:00Z\" and title pr").size());
    assertEquals(0, found(Filter.eq("userName", Service.unique("nobody")).toString()).size());
  }

  @Test
  void aBrokenFilterIsRefused() {
    for (String filter : List.of("title eq", "title eq unquoted", "noSuchAttribute eq \"x\"", "active gt true")) {
      BadRequestException e = assertThrows(BadRequestException.class, () -> found(filter), filter);
      assertEquals("invalidFilter", e.getScimError().getScimType(), filter);
    }
  }

  @Test
  void pagesByIndexAreSortedAndComplete() throws Exception {
    String mark = Service.unique("p");
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      expected.add(create("n" + i + mark).getUserName());
    }
    List<String> got = new ArrayList<>();
    for (int start = 1; start <= 7; start += 3) {
      ListResponse<UserResource> page = scim.searchRequest("Users").filter(Filter.ew("userName", mark)).sort("userName", SortOrder.ASCENDING).page(start, 3)
          .invoke(UserResource.class);
      assertEquals(7, page.getTotalResults());
      assertEquals(Integer.valueOf(start), page.getStartIndex());
      assertEquals(Integer.valueOf(page.getResources().size()), page.getItemsPerPage());
      got.addAll(names(page));
    }
    assertEquals(expected, got);
    ListResponse<UserResource> last = scim.searchRequest("Users").filter(Filter.ew("userName", mark)).sort("userName", SortOrder.DESCENDING).page(1, 1)
        .invoke(UserResource.class);
    assertEquals(List.of("n6" + mark), names(last));
    assertEquals(0, scim.searchRequest("Users").filter(Filter.ew("userName", mark)).page(1, 0).invoke(UserResource.class).getResources().size());
  }

  @Test
  void pagesByCursorAreComplete() throws Exception {
    String mark = Service.unique("c");
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < 7; i++) {
      expected.add(create("n" + i + mark).getUserName());
    }
    List<String> got = new ArrayList<>();
    ListResponse<UserResource> page = scim.searchRequest("Users").filter(Filter.ew("userName", mark)).firstPageCursorWithCount(3).invoke(UserResource.class);
    assertNull(page.getStartIndex());
    got.addAll(names(page));
    while (page.getNextCursor() != null) {
      page = scim.searchRequest("Users").filter(Filter.ew("userName", mark)).pageWithCursor(page.getNextCursor(), 3).invoke(UserResource.class);
      got.addAll(names(page));
      assertTrue(got.size() <= 7, "the pages do not end");
    }
    assertEquals(7, got.size());
    assertEquals(expected, new HashSet<>(got));
    BadRequestException e = assertThrows(BadRequestException.class,
        () -> scim.searchRequest("Users").pageWithCursor("made-up", 3).invoke(UserResource.class));
    assertEquals("invalidCursor", e.getScimError().getScimType());
  }

  @Test
  void aSearchByPostReturnsOnlyWhatWasAskedFor() throws Exception {
    String name = Service.unique("s");
    scim.create("Users", new UserResource().setUserName(name).setTitle("T").setDisplayName("D"));
    UserResource some = scim.searchRequest("Users").filter(Filter.eq("userName", name)).attributes("title").invokePost(UserResource.class).getResources().get(0);
    assertEquals("T", some.getTitle());
    assertNotNull(some.getId());
    assertNull(some.getDisplayName());
    UserResource rest = scim.searchRequest("Users").filter(Filter.eq("userName", name)).excludedAttributes("title").invokePost(UserResource.class).getResources().get(0);
    assertNull(rest.getTitle());
    assertEquals("D", rest.getDisplayName());
  }

  @Test
  void everyWriteCanBeProjected() throws Exception {
    UserResource created = scim.createRequest("Users", new UserResource().setUserName(Service.unique("w")).setTitle("T").setDisplayName("D"))
        .attributes("displayName").invoke();
    assertEquals("D", created.getDisplayName());
    assertNull(created.getTitle());
    UserResource patched = scim.modifyRequest("Users", created.getId()).replaceValue("title", "U").excludedAttributes("displayName").invoke(UserResource.class);
    assertEquals("U", patched.getTitle());
    assertNull(patched.getDisplayName());
  }

  @Test
  void aPatchAddsReplacesAndRemoves() throws Exception {
    UserResource u = create(Service.unique("patch"));
    u = scim.modifyRequest(u)
        .replaceValue("displayName", "New").replaceValue("name.familyName", "Berg").replaceValue(ENTERPRISE + ":department", "Dep")
        .addValues("emails", new Email().setValue("a@x.example").setType("work").setPrimary(true), new Email().setValue("b@x.example").setType("home"))
        .invoke();
    assertEquals("New", u.getDisplayName());
    assertEquals("Berg", u.getName().getFamilyName());
    assertEquals("Dep", u.getExtension(EnterpriseUserExtension.class).getDepartment());
    assertEquals(2, u.getEmails().size());

    u = scim.modifyRequest(u).replaceValue("emails[type eq \"home\"].value", "c@x.example").addOperation(PatchOperation.replace("active", false)).invoke();
    assertEquals(Set.of("a@x.example", "c@x.example"), u.getEmails().stream().map(Email::getValue).collect(Collectors.toSet()));
    assertEquals(Boolean.FALSE, u.getActive());

    u = scim.modifyRequest(u).addValues("emails", new Email().setValue("d@x.example").setType("other").setPrimary(true)).invoke();
    assertEquals(List.of("d@x.example"),
        u.getEmails().stream().filter(e -> Boolean.TRUE.equals(e.getPrimary())).map(Email::getValue).collect(Collectors.toList()));

    u = scim.modifyRequest(u).removeValues("emails[type eq \"work\"]").removeValues("displayName").removeValues(ENTERPRISE).invoke();
    assertEquals(Set.of("c@x.example", "d@x.example"), u.getEmails().stream().map(Email::getValue).collect(Collectors.toSet()));
    assertNull(u.getDisplayName());
    assertNull(u.getExtension(EnterpriseUserExtension.class));
    assertEquals(u, scim.retrieve(u));
  }

  @Test
  void aPatchThatCannotBeIsRefusedAsAWhole() throws Exception {
    UserResource u = create(Service.unique("atomic"));
    BadRequestException target = assertThrows(BadRequestException.class, () -> scim.modifyRequest("Users", u.getId())
        .replaceValue("title", "T").replaceValue("emails[type eq \"work\"].value", "x@x.example").invoke(UserResource.class));
    assertEquals("noTarget", target.getScimError().getScimType());
    BadRequestException path = assertThrows(BadRequestException.class,
        () -> scim.modifyRequest("Users", u.getId()).replaceValue("noSuchAttribute", "x").invoke(UserResource.class));
    assertEquals("invalidPath", path.getScimError().getScimType());
    BadRequestException readOnly = assertThrows(BadRequestException.class,
        () -> scim.modifyRequest("Users", u.getId()).replaceValue("meta.version", "x").invoke(UserResource.class));
    assertEquals("mutability", readOnly.getScimError().getScimType());
    BadRequestException required = assertThrows(BadRequestException.class,
        () -> scim.modifyRequest("Users", u.getId()).removeValues("userName").invoke(UserResource.class));
    assertEquals("mutability", required.getScimError().getScimType());
    assertEquals(u, scim.retrieve(u));
  }

  @Test
  void aReplaceClearsWhatItLeavesOut() throws Exception {
    UserResource u = scim.create("Users", new UserResource().setUserName(Service.unique("put")).setTitle("T").setDisplayName("D"));
    u.setTitle(null);
    u.setDisplayName("E");
    UserResource replaced = scim.replace(u);
    assertNull(replaced.getTitle());
    assertEquals("E", replaced.getDisplayName());
    assertNotEquals(u.getMeta().getVersion(), replaced.getMeta().getVersion());
    replaced.setUserName(null);
    assertThrows(BadRequestException.class, () -> scim.replace(replaced));
  }

  @Test
  void conditionsAreKept() throws Exception {
    UserResource first = create(Service.unique("etag"));
    assertThrows(NotModifiedException.class, () -> scim.retrieveRequest(first).ifNoneMatch().invoke());
    UserResource second = scim.modifyRequest(first).ifMatch().replaceValue("title", "2").invoke();
    assertNotEquals(first.getMeta().getVersion(), second.getMeta().getVersion());
    assertEquals(second, scim.retrieveRequest(first).ifNoneMatch().invoke());
    assertThrows(PreconditionFailedException.class, () -> scim.modifyRequest(first).ifMatch().replaceValue("title", "3").invoke());
    assertThrows(PreconditionFailedException.class, () -> scim.replaceRequest(first).ifMatch().invoke());
    assertThrows(PreconditionFailedException.class, () -> scim.deleteRequest("Users", first.getId()).ifMatch(first.getMeta().getVersion()).invoke());
    assertEquals(second.getMeta().getVersion(), scim.replaceRequest(second).ifMatch().invoke().getMeta().getVersion(), "nothing changed");
    scim.deleteRequest("Users", first.getId()).ifMatch(second.getMeta().getVersion()).invoke();
  }

  @Test
  void whatIsDeletedIsGone() throws Exception {
    String name = Service.unique("gone");
    UserResource u = create(name);
    scim.delete(u);
    assertThrows(ResourceNotFoundException.class, () -> scim.retrieve(u));
    assertThrows(ResourceNotFoundException.class, () -> scim.delete("Users", u.getId()));
    assertThrows(ResourceNotFoundException.class, () -> scim.modifyRequest(u).replaceValue("title", "x").invoke());
    assertEquals(0, found(Filter.eq("userName", name).toString()).size());
    assertNotEquals(u.getId(), create(name).getId());
  }

  @Test
  void errorsAreScimErrors() {
    UnauthorizedException token = assertThrows(UnauthorizedException.class, () -> Ping.connect("wrong").search("Users", null, UserResource.class));
    assertEquals(Integer.valueOf(401), token.getScimError().getStatus());
    assertThrows(NotImplementedException.class, () -> scim.retrieve(ScimService.ME_URI, UserResource.class));
    BadRequestException empty = assertThrows(BadRequestException.class, () -> scim.create("Users", new UserResource().setTitle("no name")));
    assertEquals("invalidValue", empty.getScimError().getScimType());
    BadRequestException type = assertThrows(BadRequestException.class, () -> scim.modifyRequest("Users", create(Service.unique("e")).getId())
        .addOperation(PatchOperation.replace("active", JsonNodeFactory.instance.textNode("perhaps"))).invoke(UserResource.class));
    assertEquals("invalidValue", type.getScimError().getScimType());
  }
}
