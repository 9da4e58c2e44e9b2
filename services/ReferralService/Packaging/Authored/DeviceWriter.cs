using System.Buffers;

namespace ReferralService.Packaging.Authored;

/// <summary>Ourselves, as the author of a note whose order names no requester that is in the record.</summary>
internal sealed class DeviceWriter(PackageOrder package)
{
    public const string Name = "ReferralService";
    private readonly AuthoredIds _ids = new(package.PackageId);

    public string FullUrl => AuthoredIds.Urn(_ids.Device);

    public void Write(IBufferWriter<byte> output)
        => AuthoredJson.WriteResource(output, "Device", _ids.Device, new Narrative().Paragraph($"{Name}, the software that put this package together."), json =>
        {
            json.WriteStartArray("deviceName");
            json.WriteStartObject();
            json.WriteString("name", Name);
            json.WriteString("type", "user-friendly-name");
            json.WriteEndObject();
            json.WriteEndArray();
        });
}
